package chart

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/jsonschema"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Violation is one thing that is wrong with the values of a chart.
type Violation struct {
	// Chart is the name of the chart whose schema says so.
	Chart string
	// Pointer is the JSON pointer of the value in that chart's section, for
	// example "/port"; empty for the whole section.
	Pointer string
	Message string
	// Causes say why, where the message only says that alternatives failed.
	Causes []Violation
}

// SchemaError says which values do not meet the schemas of which charts.
type SchemaError struct {
	// Violations are in the order of the charts, then of the places.
	Violations []Violation

	text string
}

// Error lists the violations by chart; the text is Helm's.
func (e *SchemaError) Error() string { return e.text }

const schemaErrorHead = "values don't meet the specifications of the schema(s) in the following chart(s):\n"

// ValidateSchema checks values against the chart's own schema, if it has one,
// without those of subcharts. The error is a *SchemaError.
func (c *Chart) ValidateSchema(vals values.Map, opts ConfigureOptions) error {
	s := newSchemaCheck(opts.FetchSchema, func(string) {})
	s.one(c, vals)
	return s.result()
}

func (cf *configurer) checkSchemas(c *Chart, vals values.Map) error {
	s := newSchemaCheck(cf.opts.FetchSchema, cf.warn)
	s.tree(c, vals)
	return s.result()
}

// maxSchemaSteps bounds the work of checking all charts of a tree.
const maxSchemaSteps = 20 * jsonschema.MaxSteps

// schemaCheck collects what is wrong in a tree of charts.
type schemaCheck struct {
	fetch func(string) ([]byte, error)
	warn  func(string)
	found []Violation
	text  strings.Builder
	// compiled holds the schemas that several copies of a chart share.
	compiled map[*File]*jsonschema.Schema
	steps    int
}

func newSchemaCheck(fetch func(string) ([]byte, error), warn func(string)) *schemaCheck {
	return &schemaCheck{fetch: fetch, warn: warn, compiled: map[*File]*jsonschema.Schema{}, steps: maxSchemaSteps}
}

func (s *schemaCheck) result() error {
	if s.found == nil {
		return nil
	}
	return &SchemaError{Violations: s.found, text: schemaErrorHead + s.text.String()}
}

func (s *schemaCheck) tree(c *Chart, vals values.Map) {
	s.one(c, vals)
	for _, sub := range c.dependencies {
		section := vals[sub.Name()]
		if section == nil {
			continue
		}
		table, ok := section.(values.Map)
		if !ok {
			s.add(sub, fmt.Sprintf("invalid type for values: expected object (map), got %T\n", section))
			continue
		}
		s.tree(sub, table)
	}
}

func (s *schemaCheck) one(c *Chart, vals values.Map) {
	if c.schema == nil {
		return
	}
	list, err := s.validate(c, vals)
	if err != nil {
		s.add(c, err.Error())
		return
	}
	if len(list) > 0 {
		s.add(c, jsonschema.Text(list), list...)
	}
}

func (s *schemaCheck) validate(c *Chart, vals values.Map) ([]jsonschema.Violation, error) {
	schema, ok := s.compiled[c.schema]
	if !ok {
		var err error
		schema, err = jsonschema.Compile(c.schema.Data, jsonschema.Options{Files: lazyFS(c.FS), Fetch: s.fetch, Warn: s.warn})
		if err != nil {
			return nil, err
		}
		s.compiled[c.schema] = schema
	}
	return schema.Validate(vals, &s.steps)
}

// add records what is wrong with one chart's values: the violations, or the
// text itself.
func (s *schemaCheck) add(c *Chart, text string, list ...jsonschema.Violation) {
	if s.text.Len() > 0 && !strings.HasSuffix(s.text.String(), "\n") {
		s.text.WriteByte('\n')
	}
	fmt.Fprintf(&s.text, "%s:\n%s", c.Name(), text)
	if len(list) == 0 {
		s.found = append(s.found, Violation{Chart: c.Name(), Message: strings.TrimSuffix(text, "\n")})
		return
	}
	s.found = append(s.found, violations(c.Name(), list)...)
}

func violations(chart string, list []jsonschema.Violation) []Violation {
	var out []Violation
	for _, v := range list {
		out = append(out, Violation{
			Chart: chart, Pointer: v.Pointer, Message: v.Message, Causes: violations(chart, v.Causes),
		})
	}
	return out
}

// lazyFS makes its file system when it is first asked for a file.
type lazyFS func() fs.FS

func (f lazyFS) Open(name string) (fs.File, error) { return f().Open(name) }
