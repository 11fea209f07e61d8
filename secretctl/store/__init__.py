"""Where sealed records lie: dumb, ordered, transactional, trusted for nothing but availability."""
