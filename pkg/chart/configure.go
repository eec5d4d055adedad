package chart

import (
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// ConfigureOptions is how a chart is made ready. The zero value is Helm's way,
// except that it reaches no network.
type ConfigureOptions struct {
	// SkipSchema leaves out the check against values.schema.json.
	SkipSchema bool
	// FetchSchema reads what a schema refers to by http or https, for which
	// the caller sets the limits and ends the wait; nil refuses such
	// references.
	FetchSchema func(url string) ([]byte, error)
}

// configurer makes one chart ready.
type configurer struct {
	warnings []string
}

func (cf *configurer) warn(text string) { cf.warnings = append(cf.warnings, text) }

func (cf *configurer) warnf(format string, args ...any) { cf.warn(fmt.Sprintf(format, args...)) }

// Configure settles for one set of user values which subcharts take part and
// under which names, takes imported values into the defaults, lays the user's
// values over them, and checks the result against the schemas. The rules, in
// that order, are those of Helm 4. The chart and the values stay as they are:
// the result is a copy that shares the contents of files. Errors are
// *SchemaError, or say which section of the values has the wrong type.
func (c *Chart) Configure(user values.Map, opts ConfigureOptions) (*Configured, error) {
	cf := &configurer{}
	tree := c.clone(nil)
	err := cf.enable(tree, user, "")
	if err == nil {
		err = cf.importValues(tree)
	}
	if err != nil {
		return nil, fmt.Errorf("chart dependencies processing failed: %w", err)
	}
	merged := values.Clone(user)
	if err := (&coalescer{warn: cf.warn}).chart(tree, merged, ""); err != nil {
		return nil, err
	}
	if !opts.SkipSchema {
		if err := cf.checkSchemas(tree, merged, opts.FetchSchema); err != nil {
			return nil, err
		}
	}
	return &Configured{Chart: tree, User: user, Values: merged, Warnings: cf.warnings}, nil
}
