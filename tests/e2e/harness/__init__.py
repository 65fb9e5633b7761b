"""What the end-to-end tests share: real programs started on loopback, waited for, and stopped by their id."""
