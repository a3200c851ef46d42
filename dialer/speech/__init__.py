"""The speech worker's room: sound from the exchange, recognisers as plug-ins, and the dialer's door to the worker."""
