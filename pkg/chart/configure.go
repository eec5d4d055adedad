package chart

import (
	"errors"
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
	// MaxCharts bounds how many charts the tree may have with all aliases; 0
	// means 5,000.
	MaxCharts int
	// MaxValues bounds how many values are copied while defaults are merged
	// and imported, level by level; 0 means 10,000,000.
	MaxValues int
	// MaxSchemaSteps bounds the work of checking the values of all charts of the
	// tree, in visits of a schema to a value and what takes as long; 0 means
	// 5,000,000.
	MaxSchemaSteps int
	// Lint lays the values over the defaults a second time, as Helm's lint does: a
	// null that a parent has for a value of its subchart stays a null then, which
	// the subchart's schema may refuse.
	Lint bool
}

// maxLevels bounds how deep values may be after imports.
const maxLevels = 2_000

// configurer makes one chart ready.
type configurer struct {
	opts     ConfigureOptions
	warnings []string
	charts   int
	copied   int
}

func newConfigurer(opts ConfigureOptions) *configurer {
	if opts.MaxCharts <= 0 {
		opts.MaxCharts = 5_000
	}
	if opts.MaxValues <= 0 {
		opts.MaxValues = 10_000_000
	}
	return &configurer{opts: opts}
}

// takeCharts counts the charts of a tree that is about to be copied.
func (cf *configurer) takeCharts(c *Chart) error {
	if cf.charts++; cf.charts > cf.opts.MaxCharts {
		return fmt.Errorf("%w: aliases make it more than %d charts", ErrTooLarge, cf.opts.MaxCharts)
	}
	for _, sub := range c.dependencies {
		if err := cf.takeCharts(sub); err != nil {
			return err
		}
	}
	return nil
}

// takeValues counts values that are about to be copied.
func (cf *configurer) takeValues(v any) error { return cf.takeTree(v, 0) }

func (cf *configurer) takeTree(v any, depth int) error {
	if depth > maxLevels {
		return fmt.Errorf("%w: its values are more than %d levels deep", ErrTooLarge, maxLevels)
	}
	if cf.copied++; cf.copied > cf.opts.MaxValues {
		return fmt.Errorf("%w: merging its values takes more than %d copies", ErrTooLarge, cf.opts.MaxValues)
	}
	switch v := v.(type) {
	case values.Map:
		for _, below := range v {
			if err := cf.takeTree(below, depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, below := range v {
			if err := cf.takeTree(below, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeDefaults counts the defaults of a tree.
func (cf *configurer) takeDefaults(c *Chart) error {
	if err := cf.takeValues(c.values); err != nil {
		return err
	}
	for _, sub := range c.dependencies {
		if err := cf.takeDefaults(sub); err != nil {
			return err
		}
	}
	return nil
}

func (cf *configurer) warn(text string) { cf.warnings = append(cf.warnings, text) }

func (cf *configurer) warnf(format string, args ...any) { cf.warn(fmt.Sprintf(format, args...)) }

// Configure settles for one set of user values which subcharts take part and
// under which names, takes imported values into the defaults, lays the user's
// values over them, and checks the result against the schemas. The rules, in
// that order, are those of Helm 4. The chart and the values stay as they are.
// With the user's values the result shares lists, and what the chart has no
// defaults for: nobody may change these while it is in use. Errors are
// *SchemaError, ErrTooLarge, or say which section of the values has the wrong
// type.
func (c *Chart) Configure(user values.Map, opts ConfigureOptions) (*Configured, error) {
	cf := newConfigurer(opts)
	tree := c.clone(nil)
	err := cf.enable(tree, user, "")
	if err == nil {
		err = cf.importValues(tree)
	}
	if err != nil {
		return nil, fmt.Errorf("chart dependencies processing failed: %w", err)
	}
	merged := tree.ownTables(user)
	if err := (&coalescer{warn: cf.warn}).chart(tree, merged, ""); err != nil {
		return nil, err
	}
	if opts.Lint {
		merged = tree.ownTables(merged)
		if err := (&coalescer{}).chart(tree, merged, ""); err != nil {
			return nil, err
		}
	}
	configured := &Configured{Chart: tree, User: user, Values: merged}
	if !opts.SkipSchema {
		if err := cf.checkSchemas(tree, merged); err != nil {
			if failed, ok := errors.AsType[*SchemaError](err); ok {
				failed.Configured = configured
			}
			return nil, err
		}
	}
	configured.Warnings = cf.warnings
	return configured, nil
}

// ownTables copies of a user's values what coalescing may change: the sections
// of subcharts and the maps for which there are defaults.
func (c *Chart) ownTables(user values.Map) values.Map {
	out := make(values.Map, len(user))
	for key, value := range user {
		_, hasDefault := c.values[key]
		if hasDefault || c.hasSubchart(key) {
			value = cloneValue(value)
		}
		out[key] = value
	}
	return out
}
