package kube

// mapAt returns the map under a key; nil where there is none.
func mapAt(m map[string]any, key string) map[string]any {
	v, _ := m[key].(map[string]any)
	return v
}

// stringAt returns the string under a key; empty where there is none.
func stringAt(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// metaString returns a field of an object's metadata.
func metaString(obj map[string]any, field string) string {
	return stringAt(mapAt(obj, "metadata"), field)
}

// intAt returns the whole number under a key; fallback where there is none.
func intAt(m map[string]any, key string, fallback int64) int64 {
	switch v := m[key].(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return fallback
}
