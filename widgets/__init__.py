"""Draw a domain value, post a message. They know the domain and Textual, and nothing that acts."""
