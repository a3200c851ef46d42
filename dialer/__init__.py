"""The consent-aware outbound dialer: a predictive dialer that can't make an unlawful call."""
