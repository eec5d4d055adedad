package chart

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
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
	// Path is the place of the value, from the root of all values: keys of maps,
	// and "[0]" for elements of lists.
	Path []string
	// Causes say why, where the message only says that alternatives failed.
	Causes []Violation
}

// Values are the paths of the values that are at fault: those of the causes, or
// of the violation itself.
func (v Violation) Values() [][]string {
	if len(v.Causes) == 0 {
		return [][]string{v.Path}
	}
	var list [][]string
	for _, cause := range v.Causes {
		list = append(list, cause.Values()...)
	}
	return list
}

// SchemaError says which values do not meet the schemas of which charts.
type SchemaError struct {
	// Violations are in the order of the charts, then of the places.
	Violations []Violation
	// Configured is the chart with the values that were checked.
	Configured *Configured

	text string
}

// Error lists the violations by chart; the text is Helm's.
func (e *SchemaError) Error() string { return e.text }

const schemaErrorHead = "values don't meet the specifications of the schema(s) in the following chart(s):\n"

// ValidateSchema checks values against the chart's own schema, if it has one,
// without those of subcharts. The error is a *SchemaError.
func (c *Chart) ValidateSchema(vals values.Map, opts ConfigureOptions) error {
	s := newSchemaCheck(opts, func(string) {})
	s.one(c, vals, nil)
	return s.result()
}

func (cf *configurer) checkSchemas(c *Chart, vals values.Map) error {
	s := newSchemaCheck(cf.opts, cf.warn)
	s.tree(c, vals, nil)
	return s.result()
}

// maxSchemaSteps is what ConfigureOptions.MaxSchemaSteps is when it is zero.
const maxSchemaSteps = 5 * jsonschema.MaxSteps

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

func newSchemaCheck(opts ConfigureOptions, warn func(string)) *schemaCheck {
	if opts.MaxSchemaSteps <= 0 {
		opts.MaxSchemaSteps = maxSchemaSteps
	}
	return &schemaCheck{fetch: opts.FetchSchema, warn: warn, compiled: map[*File]*jsonschema.Schema{}, steps: opts.MaxSchemaSteps}
}

func (s *schemaCheck) result() error {
	if s.found == nil {
		return nil
	}
	return &SchemaError{Violations: s.found, text: schemaErrorHead + s.text.String()}
}

// tree checks the values of a chart and of all below it; section is where they
// stand.
func (s *schemaCheck) tree(c *Chart, vals values.Map, section []string) {
	s.one(c, vals, section)
	for _, sub := range c.dependencies {
		own := vals[sub.Name()]
		if own == nil {
			continue
		}
		table, ok := own.(values.Map)
		if !ok {
			s.fail(sub, fmt.Sprintf("invalid type for values: expected object (map), got %T\n", own))
			continue
		}
		s.tree(sub, table, append(slices.Clip(section), sub.Name()))
	}
}

func (s *schemaCheck) one(c *Chart, vals values.Map, section []string) {
	if c.schema == nil {
		return
	}
	list, err := s.validate(c, vals)
	if err != nil {
		s.fail(c, err.Error())
		return
	}
	if len(list) > 0 {
		s.add(c, jsonschema.Text(list))
		s.found = append(s.found, violations(c.Name(), list, vals, section)...)
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

// add writes what is wrong with one chart's values into the text.
func (s *schemaCheck) add(c *Chart, text string) {
	if s.text.Len() > 0 && !strings.HasSuffix(s.text.String(), "\n") {
		s.text.WriteByte('\n')
	}
	fmt.Fprintf(&s.text, "%s:\n%s", c.Name(), text)
}

// fail records a fault that is in no single value.
func (s *schemaCheck) fail(c *Chart, text string) {
	s.add(c, text)
	s.found = append(s.found, Violation{Chart: c.Name(), Message: strings.TrimSuffix(text, "\n")})
}

func violations(chart string, list []jsonschema.Violation, vals values.Map, section []string) []Violation {
	var out []Violation
	for _, v := range list {
		out = append(out, Violation{
			Chart: chart, Pointer: v.Pointer, Message: v.Message,
			Path:   append(slices.Clip(section), pointerPath(v.Pointer, vals)...),
			Causes: violations(chart, v.Causes, vals, section),
		})
	}
	return out
}

// pointerPath is a JSON pointer as a path in values.
func pointerPath(pointer string, vals values.Map) []string {
	if pointer == "" {
		return nil
	}
	var path []string
	var node any = vals
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		if list, ok := node.([]any); ok {
			path = append(path, "["+token+"]")
			if i, err := strconv.Atoi(token); err == nil && i < len(list) {
				node = list[i]
			}
			continue
		}
		path = append(path, token)
		table, _ := node.(values.Map)
		node = table[token]
	}
	return path
}

// lazyFS makes its file system when it is first asked for a file.
type lazyFS func() fs.FS

func (f lazyFS) Open(name string) (fs.File, error) { return f().Open(name) }
