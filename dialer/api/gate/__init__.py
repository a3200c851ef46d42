"""The permit gate's few routes: the egress asks on mutual TLS, the dialer asks about legs on a unix socket."""
