"""What the consoles are shown: frozen read models, named in the domain's words.

They live below `api` and `storage` so that both may speak of them: storage builds most of them from SQL, services
build the live ones, and `api` writes them as JSON (the committed OpenAPI document is generated from these classes).
Numbers in here are masked always; the one exception is `Revealed`, whose making is a leaf of the evidence log.
Times are aware UTC. Names and the callee's own words are personal data: they go to the browser and never to a log.
"""
