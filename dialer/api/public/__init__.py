"""What strangers see: the consent form, its receipt, and the way to take a consent back."""
