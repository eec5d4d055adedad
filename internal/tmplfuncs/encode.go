package tmplfuncs

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

func encodings() map[string]any {
	return map[string]any{
		"toYaml":        orEmpty(toYAML),
		"mustToYaml":    toYAML,
		"toYamlPretty":  orEmpty(toYAMLPretty),
		"fromYaml":      fromYAML,
		"fromYamlArray": fromYAMLArray,

		"toJson":           orEmpty(toJSON),
		"mustToJson":       toJSON,
		"toPrettyJson":     orEmpty(toPrettyJSON),
		"mustToPrettyJson": toPrettyJSON,
		"toRawJson":        toRawJSON,
		"mustToRawJson":    toRawJSON,
		"fromJson":         fromJSON,
		"fromJsonArray":    fromJSONArray,

		"toToml":     func(v any) string { return orText(toTOML(v)) },
		"mustToToml": toTOML,
		"fromToml":   fromTOML,
	}
}

// orEmpty makes a function that yields nothing where encode fails.
func orEmpty(encode func(any) (string, error)) func(any) string {
	return func(v any) string {
		text, err := encode(v)
		if err != nil {
			return ""
		}
		return text
	}
}

// orText is the text of the error in place of a result.
func orText(text string, err error) string {
	if err != nil {
		return err.Error()
	}
	return text
}

func toYAML(v any) (string, error) {
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
	data, err := yamlio.Marshal(v)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(data), "\n"), nil
}

func toYAMLPretty(v any) (string, error) {
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
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
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
	data, err := json.Marshal(v)
	return string(data), err
}

func toPrettyJSON(v any) (string, error) {
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
	data, err := json.MarshalIndent(v, "", "  ")
	return string(data), err
}

// toRawJSON leaves <, > and & as they are.
func toRawJSON(v any) (string, error) {
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
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
	if err := gotmpl.CheckTree(v); err != nil {
		return "", err
	}
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
