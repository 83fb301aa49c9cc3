"""The vocabulary: what may be asked, one noun a file, and how the answers hang together."""
