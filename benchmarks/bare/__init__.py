"""The same work written without the library: AES-GCM and RSA from cryptography, and the standard library."""
