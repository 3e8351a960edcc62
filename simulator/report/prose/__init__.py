"""What is said of results in sentences, and what things are called."""
