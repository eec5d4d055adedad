// Package yamlio reads and writes YAML as Helm does: YAML 1.1 scalars, JSON
// semantics in between (keys are strings, numbers are float64).
package yamlio

import (
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

// MaxBytes is the largest document that is read.
const MaxBytes = 100 << 20

// ErrTooLarge is returned for input over MaxBytes.
var ErrTooLarge = errors.New("yaml: input is too large")

// Unmarshal reads the first document of data into v, which has json tags.
func Unmarshal(data []byte, v any) error {
	if len(data) > MaxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	return yaml.Unmarshal(data, v)
}

// Marshal writes v with sorted keys, an indentation of two, and list dashes
// not indented below their key.
func Marshal(v any) ([]byte, error) { return yaml.Marshal(v) }
