UPDATE bej.writers SET opened = opened + 1
