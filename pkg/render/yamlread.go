package render

import "github.com/seed-0d4f92cc/pack/internal/yamlio"

// isMapOrComment says whether a text that can be read is a map or nothing.
func isMapOrComment(text string) bool {
	var v any
	if err := yamlio.Unmarshal([]byte(text), &v); err != nil {
		return false
	}
	_, isMap := v.(map[string]any)
	return isMap || v == nil
}

// readableAlone says whether a text is YAML by itself.
func readableAlone(text string) bool {
	var v any
	return yamlio.Unmarshal([]byte(text), &v) == nil
}
