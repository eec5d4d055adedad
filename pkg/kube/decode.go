package kube

import (
	"encoding/json"
	"math"

	kjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// maxExact is from where floats do not hold every whole number.
const maxExact = 1 << 53

// decode reads a document as the decoded JSON that it stands for: numbers are int64 or
// float64. Plain ones are read at once; others, and large numbers, by way of JSON.
func decode(text string) (any, error) {
	if len(text) <= yamlio.MaxBytes {
		if tree, ok := fastyaml.Read(text); ok && wholeNumbers(&tree) {
			return tree, nil
		}
	}
	return decodeJSON(text)
}

// decodeJSON reads a document by way of JSON.
func decodeJSON(text string) (any, error) {
	var raw json.RawMessage
	if err := yamlio.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	var content any
	if err := kjson.Unmarshal(raw, &content); err != nil && len(raw) > 0 {
		return nil, err
	}
	return content, nil
}

// wholeNumbers makes whole numbers of a tree int64, as JSON has them. It is false where
// one may have lost digits.
func wholeNumbers(v *any) bool {
	switch x := (*v).(type) {
	case float64:
		if math.Abs(x) >= maxExact || math.IsNaN(x) {
			return false
		}
		if x == math.Trunc(x) {
			*v = int64(x)
		}
	case map[string]any:
		for key, value := range x {
			if !wholeNumbers(&value) {
				return false
			}
			x[key] = value
		}
	case []any:
		for i := range x {
			if !wholeNumbers(&x[i]) {
				return false
			}
		}
	}
	return true
}
