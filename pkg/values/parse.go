package values

import "github.com/seed-0d4f92cc/pack/internal/yamlio"

// Parse reads a values file: YAML or JSON, of one or more documents. Each
// document is a map or empty, and later ones are merged over earlier ones as
// Merge does, which is Helm 4's rule. The result is never nil.
func Parse(data []byte) (Map, error) {
	return yamlio.DecodeMap(data)
}
