//! What bytes are, by content first and by hints where content is silent.
