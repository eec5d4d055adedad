package tmplfuncs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// encodings are the functions that write trees of values and read them.
func encodings(maxBytes int) map[string]any {
	b := bound(maxBytes)
	toYAML, toYAMLPretty := b.encoder(toYAML), b.encoder(toYAMLPretty)
	toJSON, toPrettyJSON, toRawJSON := b.encoder(toJSON), b.encoder(toPrettyJSON), b.encoder(toRawJSON)
	toTOML := func(v any) (string, error) {
		if err := gotmpl.CheckPaths(v, maxBytes); err != nil {
			return "", err
		}
		return toTOML(v)
	}
	return map[string]any{
		"toYaml":        orEmpty(toYAML),
		"mustToYaml":    toYAML,
		"toYamlPretty":  orEmpty(toYAMLPretty),
		"fromYaml":      decoder(b, fromYAML),
		"fromYamlArray": decoder(b, fromYAMLArray),

		"toJson":           orEmpty(toJSON),
		"mustToJson":       toJSON,
		"toPrettyJson":     orEmpty(toPrettyJSON),
		"mustToPrettyJson": toPrettyJSON,
		"toRawJson":        toRawJSON,
		"mustToRawJson":    toRawJSON,
		"fromJson":         decoder(b, fromJSON),
		"fromJsonArray":    decoder(b, fromJSONArray),

		"toToml":     func(v any) (string, error) { return orText(toTOML(v)) },
		"mustToToml": toTOML,
		"fromToml":   decoder(b, fromTOML),
	}
}

// encoder refuses trees whose text would not end or be too long.
func (b bound) encoder(encode func(any) (string, error)) func(any) (string, error) {
	return func(v any) (string, error) {
		if err := b.tree(v); err != nil {
			return "", err
		}
		return encode(v)
	}
}

// What a text of a few bytes can stand for takes many times as much memory.
const (
	// decodeShare is which part of the longest text may be decoded.
	decodeShare = 8
	// smallDecode is up to which length a text is not worth weighing the result.
	smallDecode = 4 << 10
	// decodeGrowth is how much a tree takes for each byte of its text, roughly.
	decodeGrowth = 8
)

// decoder refuses texts that are too long, and counts what is made of them.
func decoder[T any](b bound, decode func(string) T) func(*gotmpl.State, string) (T, error) {
	return func(s *gotmpl.State, text string) (tree T, err error) {
		if most := int(b) / decodeShare; len(text) > most {
			return tree, fmt.Errorf("%w: %d bytes to read, at most %d are read", ErrTooLarge, len(text), most)
		}
		tree = decode(text)
		if len(text) <= smallDecode {
			return tree, s.Made(decodeGrowth * len(text))
		}
		return tree, s.MadeTree(tree)
	}
}

// orEmpty makes a function that yields nothing where encode fails, unless it is
// for a bound.
func orEmpty(encode func(any) (string, error)) func(any) (string, error) {
	return func(v any) (string, error) {
		text, err := encode(v)
		if err != nil && !isBound(err) {
			return "", nil
		}
		return text, err
	}
}

func isBound(err error) bool {
	return errors.Is(err, gotmpl.ErrEndless) || errors.Is(err, ErrTooLarge)
}

// orText is the text of the error in place of a result.
func orText(text string, err error) (string, error) {
	if err != nil && !isBound(err) {
		return err.Error(), nil
	}
	return text, err
}

func toYAML(v any) (string, error) {
	data, err := yamlio.Marshal(v)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(data), "\n"), nil
}

func toYAMLPretty(v any) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func fromYAML(text string) map[string]any {
	m := map[string]any{}
	if err := yamlio.Unmarshal([]byte(text), &m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}

func fromYAMLArray(text string) []any {
	list := []any{}
	if err := yamlio.Unmarshal([]byte(text), &list); err != nil {
		list = []any{err.Error()}
	}
	return list
}

func toJSON(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

func toPrettyJSON(v any) (string, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	return string(data), err
}

// toRawJSON leaves <, > and & as they are.
func toRawJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func fromJSON(text string) map[string]any {
	m := map[string]any{}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}

func fromJSONArray(text string) []any {
	list := []any{}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		list = []any{err.Error()}
	}
	return list
}

func toTOML(v any) (string, error) {
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(v); err != nil {
		return "", err
	}
	return b.String(), nil
}

func fromTOML(text string) map[string]any {
	m := map[string]any{}
	if err := toml.Unmarshal([]byte(text), &m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}
