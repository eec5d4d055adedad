package jsonschema_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	library "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/seed-0d4f92cc/pack/internal/jsonschema"
)

// nothing loads no document at all.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, errors.New("nothing at " + url) }

// byLibrary checks an instance with the library that Helm uses.
func byLibrary(schema []byte, instance any) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	doc, err := library.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return "", err
	}
	c := library.NewCompiler()
	c.UseLoader(nothing{})
	if err := c.AddResource("file:///values.schema.json", doc); err != nil {
		return "", err
	}
	compiled, err := c.Compile("file:///values.schema.json")
	if err != nil {
		return "", err
	}
	err = compiled.Validate(instance)
	if found, ok := errors.AsType[*library.ValidationError](err); ok {
		var all []jsonschema.Violation
		for _, cause := range found.Causes {
			all = append(all, violations(cause, false)...)
		}
		sortAll(all)
		return jsonschema.Text(all), nil
	}
	return "", err
}

func violations(err *library.ValidationError, ofKey bool) []jsonschema.Violation {
	_, names := err.ErrorKind.(*kind.PropertyNames)
	var causes []jsonschema.Violation
	for _, cause := range err.Causes {
		causes = append(causes, violations(cause, ofKey || names)...)
	}
	if _, ok := err.ErrorKind.(*kind.Reference); ok && len(err.Causes) == 1 {
		return causes
	}
	if k, ok := err.ErrorKind.(*kind.AdditionalProperties); ok {
		slices.Sort(k.Properties)
	}
	sortAll(causes)
	pointer := ""
	for _, token := range err.InstanceLocation {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
	}
	text := err.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	if !ofKey {
		text = jsonschema.WithoutValue(err.ErrorKind, text)
	}
	return []jsonschema.Violation{{Pointer: pointer, Message: text, Causes: causes}}
}

func sortAll(list []jsonschema.Violation) {
	slices.SortStableFunc(list, func(a, b jsonschema.Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message),
			cmp.Compare(jsonschema.Text(a.Causes), jsonschema.Text(b.Causes)))
	})
	for _, v := range list {
		sortAll(v.Causes)
	}
}

// byUs is the same with this package, in the same order.
func byUs(schema []byte, instance any) (string, error) {
	opts := jsonschema.Options{}
	s, err := jsonschema.Compile(schema, opts)
	if err != nil {
		return "", err
	}
	steps := 100_000_000
	found, err := s.Validate(instance, &steps)
	sortAll(found)
	return jsonschema.Text(found), err
}

// generator makes schemas and values that have something to do with each
// other.
type generator struct {
	*rand.Rand
	draft string
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) key() string { return pick(g, "a", "b", "c", "a/b", "d~") }

func (g *generator) value(depth int) any {
	switch n := g.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return g.IntN(2) == 0
	case n == 2:
		return pick(g, 0.0, 1.0, 1.5, -2.0, 1e6, 1e21, 12345.678)
	case n == 3:
		return int64(g.IntN(5))
	case n <= 5 || depth == 0:
		return pick(g, "", "a", "abc", "1.2.3", "x@y.z", "2024-01-02", "2024-01-02T03:04:05Z", "10.0.0.1", "::1", "http://a/b", "[", "P1D", "é")
	case n == 6:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	}
	obj := map[string]any{}
	for range g.IntN(4) {
		obj[g.key()] = g.value(depth - 1)
	}
	return obj
}

func (g *generator) schemas(depth int) []any {
	list := []any{}
	for range 1 + g.IntN(3) {
		list = append(list, g.schema(depth-1))
	}
	return list
}

func (g *generator) entries(depth int) map[string]any {
	obj := map[string]any{}
	for range 1 + g.IntN(3) {
		obj[g.key()] = g.schema(depth - 1)
	}
	return obj
}

func (g *generator) names() []any { return []any{"a", "b", "c"}[g.IntN(3):] }

func (g *generator) typeNames() any {
	if g.IntN(3) == 0 {
		return []any{"string", "integer", "null", "object"}[g.IntN(3):]
	}
	return pick(g, "string", "integer", "number", "object", "array", "null", "boolean")
}

func (g *generator) formatName() string {
	return pick(g, "regex", "json-pointer", "relative-json-pointer", "uuid", "duration", "period", "ipv4", "ipv6", "hostname",
		"email", "date", "time", "date-time", "uri", "iri", "uri-reference", "uri-template", "semver", "unknown")
}

func (g *generator) ref() string {
	return pick(g, "#", "#/$defs/a", "#/definitions/b", "#/$defs/c", "#anchor", "other.json", "#/properties/a", "#/allOf/0", "inner", "inner#in", "#/x/y", "#dyn")
}

func (g *generator) keyword(obj map[string]any, depth int) {
	switch g.IntN(30) {
	case 0, 1:
		obj["type"] = g.typeNames()
	case 2:
		obj["enum"] = []any{g.value(1), g.value(1)}
	case 3:
		obj["const"] = g.value(1)
	case 4:
		obj[pick(g, "minimum", "maximum", "multipleOf")] = pick(g, 1.0, 2.5, 100.0)
	case 5:
		obj[pick(g, "exclusiveMinimum", "exclusiveMaximum")] = pick[any](g, 1.0, 2.0, true)
	case 6:
		obj[pick(g, "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")] = g.IntN(4)
	case 7:
		obj["pattern"] = pick(g, "^a", "b$", "[0-9]+", "(")
	case 8:
		obj["format"] = g.formatName()
	case 9:
		obj["required"] = g.names()
	case 10, 11, 12:
		obj["properties"] = g.entries(depth)
	case 13:
		obj["patternProperties"] = map[string]any{pick(g, "^a", "b", "."): g.schema(depth - 1)}
	case 14:
		obj["additionalProperties"] = g.schema(depth - 1)
	case 15:
		obj[pick(g, "propertyNames", "contains", "unevaluatedProperties", "unevaluatedItems", "additionalItems")] = g.schema(depth - 1)
	case 16:
		obj["items"] = g.schema(depth - 1)
	case 17:
		obj[pick(g, "items", "prefixItems")] = g.schemas(depth)
	case 18:
		obj["uniqueItems"] = true
	case 19, 20:
		obj[pick(g, "allOf", "anyOf", "oneOf")] = g.schemas(depth)
	case 21:
		obj["not"] = g.schema(depth - 1)
	case 22:
		obj["if"], obj["then"], obj["else"] = g.schema(depth-1), g.schema(depth-1), g.schema(depth-1)
	case 23, 24:
		obj["$ref"] = g.ref()
	case 25:
		obj[pick(g, "$defs", "definitions", "dependentSchemas")] = g.entries(depth)
	case 26:
		obj["dependencies"] = map[string]any{"a": pick[any](g, g.names(), g.schema(depth-1))}
	case 27:
		obj["dependentRequired"] = map[string]any{"a": g.names()}
	case 28:
		obj[pick(g, "minContains", "maxContains")] = g.IntN(3)
	case 29:
		g.name(obj)
	}
}

func (g *generator) name(obj map[string]any) {
	switch g.IntN(7) {
	case 0:
		obj["$id"] = "inner"
	case 1:
		obj["$anchor"] = pick(g, "anchor", "in")
	case 2:
		obj["$dynamicAnchor"] = "dyn"
	case 3:
		obj["$dynamicRef"] = pick(g, "#dyn", "#/$defs/a")
	case 4:
		obj["$recursiveRef"], obj["$recursiveAnchor"] = "#", g.IntN(2) == 0
	case 5:
		obj["id"] = pick(g, "#anchor", "inner")
	case 6:
		// A keyword that is wrong.
		obj[pick(g, "type", "minLength", "required", "properties", "allOf", "$id")] = pick[any](g, 1.5, "x", []any{}, []any{1.0, 1.0}, map[string]any{"a": 1.0})
	}
}

func (g *generator) schema(depth int) any {
	if depth <= 0 || g.IntN(12) == 0 {
		return pick[any](g, true, false, map[string]any{}, map[string]any{"type": g.typeNames()})
	}
	obj := map[string]any{}
	for range 1 + g.IntN(4) {
		g.keyword(obj, depth)
	}
	return obj
}

func (g *generator) root() []byte {
	schema := g.schema(4)
	if obj, ok := schema.(map[string]any); ok && g.draft != "" {
		obj["$schema"] = g.draft
	}
	text, err := json.Marshal(schema)
	if err != nil {
		panic(err)
	}
	return text
}

func drafts() []string {
	return []string{
		"", "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-07/schema#",
		"https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/schema",
	}
}

// agree compares what the library and this package say. Of a schema that is
// not valid they have to agree that it is not: the library's list of reasons
// is in no order, and it gives the first error of several.
func agree(t *testing.T, schema []byte, instance any) {
	t.Helper()
	want, wantErr := byLibrary(schema, instance)
	got, err := byUs(schema, instance)
	if wantErr != nil && strings.HasPrefix(wantErr.Error(), "panic") {
		return
	}
	if (err != nil) != (wantErr != nil) {
		t.Fatalf("schema %s\nerror %v, the library's %v", schema, err, wantErr)
	}
	if err != nil && lines(err) != lines(wantErr) && strings.Contains(wantErr.Error(), "metaschema") {
		t.Fatalf("schema %s\nerror %v\nthe library's %v", schema, err, wantErr)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		text, _ := json.Marshal(instance)
		t.Fatalf("schema %s\nvalue %s\ntext (-library +ours):\n%s", schema, text, diff)
	}
}

// lines are the lines of an error in byte order.
func lines(err error) string {
	list := strings.Split(err.Error(), "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

func (g *generator) agree(t *testing.T) {
	t.Helper()
	schema := g.root()
	for range 3 {
		agree(t, schema, g.value(3))
	}
}

func TestLikeLibrary(t *testing.T) {
	t.Parallel()
	for _, draft := range drafts() {
		t.Run(draft, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(150) {
				g := &generator{Rand: rand.New(rand.NewPCG(seed, 7)), draft: draft}
				g.agree(t)
			}
		})
	}
}

func FuzzLikeLibrary(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, seed, draft uint64) {
		all := drafts()
		g := &generator{Rand: rand.New(rand.NewPCG(seed, draft)), draft: all[draft%uint64(len(all))]}
		g.agree(t)
	})
}

func formats() []string {
	return []string{
		"regex", "json-pointer", "relative-json-pointer", "uuid", "duration", "period", "ipv4", "ipv6", "hostname", "email",
		"date", "time", "date-time", "uri", "iri", "uri-reference", "iri-reference", "uri-template", "semver",
	}
}

// FuzzFormats compares the formats alone.
func FuzzFormats(f *testing.F) {
	for _, text := range []string{
		"", "/a~0b~1/~2", "~", "0#", "1/a", "01", "123e4567-e89b-12d3-a456-426614174000", "P1Y2M3DT4H5M6S", "P1W", "PT", "P1DT1H1D", "PTT",
		"2024-01-02T03:04:05Z/P1D", "P1D/2024-01-02T03:04:05.5+01:00", "1.2.3.4", "01.2.3.4", "1.2.3.256", "::1", "fe80::1%eth0", "::ffff:1.2.3.4",
		"a.b-c", "-a", "a-.b", "a..b", "a@b.c", `"a b"@c`, ".a@b", "a..b@c", "a@[1.2.3.4]", "a@[IPv6:::1]", "a@[x", "23:59:60Z", "22:59:60-01:00",
		"03:04:05.z", "1:2:3.5Z", "2024-02-30", "2024-01-02t03:04:05z", "http://[::1]/", "http://[::1%25a]/", "//a:b:c", `a\b`, "http://a/{b}",
		"http://a/%7Bb%7D/{c", "1.2.3-a.01+b", "1.2", "1.2.3-01", "1.2.3+", "(", "[0-9", strings.Repeat("a", 70) + "@b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range formats() {
			schema := []byte(`{"$schema":"http://json-schema.org/draft-07/schema#","format":"` + name + `"}`)
			agree(t, schema, text)
		}
	})
}
