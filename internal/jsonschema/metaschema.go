package jsonschema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// metaFiles are the schemas of schemas that json-schema.org publishes, without
// their annotations, by their paths there.
//
//go:embed metaschemas
var metaFiles embed.FS

// metaDocument returns one of them, nil for other URLs.
func metaDocument(url string) (any, error) {
	if !isMetaURL(url) {
		return nil, nil
	}
	_, path, _ := strings.Cut(url, "json-schema.org/")
	if path == "schema" {
		return metaDocument(newest.metaschema())
	}
	data, err := metaFiles.ReadFile("metaschemas/" + path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return nil, nil
		}
		return nil, err
	}
	return decode(bytes.NewReader(data))
}

// checkSchema checks a schema of a document against the schema of its dialect.
func (c *compiler) checkSchema(d *document, v any, at place) error {
	rules := d.at(at.ptr).dialect
	if rules.vocabularies == nil && plain(v) {
		return nil
	}
	if c.metas == nil {
		c.metas = newCompiler(func(url string) (any, error) {
			return nil, fmt.Errorf("%s is no metaschema", url)
		})
		c.metas.formats = true
	}
	meta, err := c.metas.metaschema(rules)
	if err != nil {
		return err
	}
	unbounded := -1
	check := &checker{left: &unbounded, meta: meta, resources: d.resources, metaOf: c.metas.metaschema}
	found := check.root(meta, v)
	if found == nil {
		return nil
	}
	text := strings.TrimSuffix(Text(list(found, true)), "\n")
	return fmt.Errorf("%q is not valid against metaschema: jsonschema validation failed with %s\n%s",
		at, quote(meta.location), text)
}

// metaschema is what schemas of a dialect are checked against.
func (c *compiler) metaschema(d dialect) (*schema, error) {
	if d.vocabularies == nil {
		return c.compile(d.draft.metaschema())
	}
	all := &schema{location: "urn:mem:metaschema", draft: d.draft}
	all.resource = all
	for _, name := range d.vocabularies {
		one, err := c.compile(strings.TrimSuffix(d.draft.metaschema(), "schema") + "meta/" + name)
		if err != nil {
			return nil, err
		}
		all.allOf = append(all.allOf, one)
	}
	if d.draft >= draft2020 {
		all.dynamicAnchor = "meta"
		all.anchors = map[string]*schema{"meta": all}
	}
	return all, nil
}
