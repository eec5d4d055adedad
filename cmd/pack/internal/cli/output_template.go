package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/template"

	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/util/jsonpath"
)

// The expressions are those of kubectl's -o, over the document that -o json prints.
// cli-runtime's printers only print objects of the Kubernetes API, and kubectl's
// columns are in kubectl itself; what both stand on is here: jsonpath and
// text/template.

// plainData is data as a reader of its JSON has it: maps, lists, int64 and float64.
func plainData(data any) (any, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	var plain any
	err = kjson.Unmarshal(text, &plain)
	return plain, err
}

// jsonPathOutput prints what a JSONPath expression selects; what is missing is
// nothing.
type jsonPathOutput struct {
	text   string
	parsed *jsonpath.JSONPath
}

func parseJSONPathOutput(text string) (outputTemplate, error) {
	parsed, err := parseJSONPath(text)
	return jsonPathOutput{text, parsed}, err
}

func parseJSONPathAsJSON(text string) (outputTemplate, error) {
	parsed, err := parseJSONPath(text)
	parsed.EnableJSONOutput(true)
	return jsonPathOutput{text, parsed}, err
}

func (o jsonPathOutput) print(w io.Writer, data any, _ printOptions) error {
	if data == nil {
		return nil // there is nothing in it
	}
	var b strings.Builder
	if err := o.parsed.Execute(&b, data); err != nil {
		return fmt.Errorf("jsonpath %s: %w", o.text, err)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// parseJSONPath reads an expression. What is wrong is told with its place.
func parseJSONPath(text string) (*jsonpath.JSONPath, error) {
	parsed := jsonpath.New("output").AllowMissingKeys(true)
	err := parsed.Parse(text)
	if err == nil {
		return parsed, nil
	}
	start := badAction(text)
	return parsed, fmt.Errorf("error parsing jsonpath %s at character %d, %s: %w", text, start+1, text[start:], err)
}

// badAction finds where the first part in braces begins that cannot be read, which
// the parser does not tell: it is behind the longest beginning that can be.
func badAction(text string) int {
	good := 0
	for i := range len(text) {
		if text[i] == '}' && jsonpath.New("output").Parse(text[:i+1]) == nil {
			good = i + 1
		}
	}
	return good + max(strings.IndexByte(text[good:], '{'), 0)
}

// goTemplateOutput prints with a Go template, which has kubectl's functions.
type goTemplateOutput struct{ parsed *template.Template }

func parseGoTemplateOutput(text string) (outputTemplate, error) {
	parsed, err := template.New("go-template").Funcs(template.FuncMap{
		"exists": exists, "base64decode": base64Decode,
	}).Parse(text)
	return goTemplateOutput{parsed}, err
}

func (o goTemplateOutput) print(w io.Writer, data any, _ printOptions) error {
	var b strings.Builder
	if err := o.parsed.Execute(&b, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// exists is kubectl's: whether an item has something at a path of keys and indexes.
func exists(item any, path ...any) bool {
	for _, at := range path {
		switch in := item.(type) {
		case map[string]any:
			key, _ := at.(string)
			v, ok := in[key]
			if !ok {
				return false
			}
			item = v
		case []any:
			i := reflect.ValueOf(at)
			if !i.CanInt() || i.Int() < 0 || i.Int() >= int64(len(in)) {
				return false
			}
			item = in[i.Int()]
		default:
			return false
		}
	}
	return true
}

func base64Decode(text string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("base64decode: %w", err)
	}
	return string(data), nil
}
