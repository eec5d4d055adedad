package lint

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/jsonschema"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// lintValues examines values.yaml: with the user's values over it, it must meet
// the schema.
func (l *linter) lintValues(context.Context) {
	data, err := l.read(valuesFile)
	if errors.Is(err, fs.ErrNotExist) {
		l.add(Info, valuesFile, "file does not exist")
		return
	}
	if err == nil {
		// The first document alone first: its errors have no prefix.
		err = yamlio.Unmarshal(data, new(values.Map))
	}
	var defaults values.Map
	if err == nil {
		defaults, err = values.Parse(data)
	}
	if err != nil {
		// Helm's text has the name of its type.
		text := strings.Replace(err.Error(), "Go value of type map[string]interface {}", "Go value of type common.Values", 1)
		l.add(Error, valuesFile, "unable to parse YAML: %s", text)
		return
	}
	if l.opts.SkipSchema {
		return
	}
	schema, err := l.read(schemaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.add(Error, valuesFile, "%v", err)
		return
	}
	if len(schema) == 0 {
		return // The rendering says what is wrong with it.
	}
	// Unlike in a rendering, a null of the file stays: Helm's lint has it so.
	merged := values.MergeTables(values.Clone(l.opts.Values), defaults, values.TableOptions{})
	found, err := violations(schema, merged,
		jsonschema.Options{Files: l.fsys, Fetch: l.opts.FetchSchema, Warn: l.opts.Notice})
	switch {
	case err != nil:
		l.add(Error, valuesFile, "%v", err)
	case len(found) > 0:
		l.add(Error, valuesFile, "%s", jsonschema.Text(found))
	}
}

func violations(schema []byte, instance any, opts jsonschema.Options) ([]jsonschema.Violation, error) {
	compiled, err := jsonschema.Compile(schema, opts)
	if err != nil {
		return nil, err
	}
	return compiled.Validate(instance, nil)
}
