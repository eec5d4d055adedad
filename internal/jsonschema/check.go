package jsonschema

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/message"
)

// fault says what is wrong with a value. Its words are the library's that Helm
// uses.
type fault interface {
	LocalizedString(*message.Printer) string
}

// failure is a fault with its place and its causes.
type failure struct {
	path   []string
	fault  fault
	causes []*failure
}

// checker checks one value.
type checker struct {
	// left are the steps that may still be taken; below 0 from the start means
	// any number.
	left *int
	// path leads to the value that is being checked; pathBytes is how long it is.
	path      []string
	pathBytes int
	// instance is the whole value; pure says, once it was asked for, that nothing
	// in it is of a type that JSON does not have.
	instance    any
	asked, pure bool

	// meta is the schema of schemas in use where the value is a document of
	// schemas, resources are those of the document that may have another, which
	// metaOf finds.
	meta      *schema
	resources map[string]*resource
	metaOf    func(dialect) (*schema, error)
}

// frame is one schema's visit to a value.
type frame struct {
	s *schema
	v any
	// up is the visit that this one is a part of; keyword is the one of a
	// reference that leads here.
	up      *frame
	keyword string
	// level is that of the value: visits to the same value have the same.
	// before is how many of them this one is a part of, height how many visits.
	level, before, height int
	// quiet visits only want to know whether there is a failure.
	quiet    bool
	rest     rest
	failures []*failure
}

// root checks a value, from its top.
func (c *checker) root(s *schema, v any) *failure {
	c.instance = v
	f := c.visit(&frame{s: s, v: v, rest: c.restOf(v, s, false)})
	if f == nil {
		return nil
	}
	if _, ok := f.fault.(*kind.Group); ok {
		return f
	}
	return &failure{causes: []*failure{f}}
}

// visit checks the value of a frame and returns what is wrong with it.
func (c *checker) visit(f *frame) *failure {
	s := f.s
	if s.always != nil {
		if *s.always {
			return nil
		}
		return c.failure(f, &kind.FalseSchema{})
	}
	c.pay(1 + f.before/64)
	if before := f.cycle(); before != nil {
		c.pay(f.height * f.height / 256)
		return c.failure(f, &kind.RefCycle{
			URL: s.location, KeywordLocation1: f.keywords(), KeywordLocation2: before.keywords(),
		})
	}
	if wrong := c.whole(f); wrong != nil {
		return wrong
	}
	c.pay(cost(s, f.v))
	if wrong := c.form(f); wrong != nil {
		return wrong
	}
	if s.ref != nil {
		wrong := c.refer(f, s.ref, "$ref")
		if s.draft < draft2019 {
			return wrong
		}
		f.note(wrong)
	}
	c.byType(f)
	if !f.decided() {
		c.dynamicRefs(f)
		c.combinations(f)
		c.unevaluated(f)
	}
	return c.outcome(f)
}

// byType checks what is said of values of one type.
func (c *checker) byType(f *frame) {
	switch v := f.v.(type) {
	case map[string]any:
		c.object(f, v)
	case []any:
		c.array(f, v)
	case string:
		c.text(f, v)
	default:
		if typeOf(v) == numberType {
			c.number(f)
		}
	}
}

// outcome is the one failure of a visit, or all of them.
func (c *checker) outcome(f *frame) *failure {
	switch len(f.failures) {
	case 0:
		return nil
	case 1:
		return f.failures[0]
	}
	all := c.failure(f, &kind.Group{})
	all.causes = f.failures
	return all
}

// whole checks what is said of the value as a whole.
func (c *checker) whole(f *frame) *failure {
	s := f.s
	t := typeOf(f.v)
	if t == 0 {
		return c.failure(f, &kind.InvalidJsonValue{Value: f.v})
	}
	if s.types != 0 && s.types&t == 0 {
		if s.types&integerType == 0 || t != numberType || !isInteger(f.v) {
			return c.failure(f, &kind.Type{Got: t.names()[0], Want: s.types.names()})
		}
	}
	if s.constant == nil && s.enum == nil {
		return nil
	}
	if bad, ok := c.foreign(f.v); ok {
		return c.failure(f, &kind.InvalidJsonValue{Value: bad})
	}
	if s.constant != nil && !c.equal(f.v, *s.constant) {
		return c.failure(f, &kind.Const{Got: f.v, Want: *s.constant})
	}
	if s.enum != nil {
		c.pay(len(s.enum) / 16)
		known := s.enumOf&t != 0 && slices.ContainsFunc(s.enum, func(v any) bool { return c.equal(f.v, v) })
		if !known {
			return c.failure(f, &kind.Enum{Got: f.v, Want: s.enum})
		}
	}
	return nil
}

func (c *checker) form(f *frame) *failure {
	text, ok := f.v.(string)
	if f.s.format == nil || !ok {
		return nil
	}
	c.pay(len(text) / 64)
	if f.s.format.name == "regex" {
		c.pay(4 * len(text))
	}
	if err := f.s.format.check(text); err != nil {
		return c.failure(f, &kind.Format{Got: f.v, Want: f.s.format.name, Err: err})
	}
	return nil
}

// pay counts steps, of about a microsecond. Alternatives inside alternatives take
// time that is exponential in the size of the schema.
func (c *checker) pay(steps int) {
	if *c.left < 0 {
		return
	}
	if *c.left -= steps; *c.left < 0 {
		panic(ErrTooSlow)
	}
}

// cost estimates what a schema does to one value of the right type, its subschemas
// and its patterns apart.
func cost(s *schema, v any) int {
	switch v := v.(type) {
	case map[string]any:
		return len(v)*(1+len(s.object.patterns)) + s.object.listed/16
	case []any:
		return len(v)
	case string:
		return len(v) / 1024
	}
	return 0
}

// same visits the value of f with another schema.
func (c *checker) same(f *frame, s *schema, keyword string, quiet bool) *failure {
	inner := &frame{
		s: s, v: f.v, up: f, keyword: keyword, quiet: f.quiet || quiet,
		level: f.level, before: f.before + 1, height: f.height + 1,
	}
	defer c.enter(inner)()
	inner.rest = c.restOf(f.v, inner.s, !f.rest.empty())
	wrong := c.visit(inner)
	if wrong == nil {
		f.rest.keep(inner.rest)
	}
	return wrong
}

// below visits a value inside that of f.
func (c *checker) below(f *frame, s *schema, v any, token string) {
	f.note(c.inside(f, s, v, token))
}

func (c *checker) inside(f *frame, s *schema, v any, token string) *failure {
	c.path, c.pathBytes = append(c.path, token), c.pathBytes+len(token)
	defer func() { c.path, c.pathBytes = c.path[:len(c.path)-1], c.pathBytes-len(token) }()
	inner := &frame{s: s, v: v, up: f, quiet: f.quiet, level: f.level + 1, height: f.height + 1}
	defer c.enter(inner)()
	inner.rest = c.restOf(v, inner.s, false)
	return c.visit(inner)
}

// enter sees to it that a schema inside a document is checked by the rules of
// its own dialect. It returns what to do on leaving.
func (c *checker) enter(f *frame) func() {
	if c.meta == nil || f.s != c.meta || len(c.resources) < 2 {
		return func() {}
	}
	at := place{}.child(c.path...)
	r := c.resources[at.ptr]
	if r == nil {
		return func() {}
	}
	meta, err := c.metaOf(r.dialect)
	if err != nil {
		return func() {}
	}
	outer := c.meta
	c.meta, f.s = meta, meta
	return func() { c.meta = outer }
}

func (c *checker) failure(f *frame, fault fault) *failure {
	if f.quiet {
		return &failure{}
	}
	// Each is kept, with its path and later the text of that.
	c.pay(4 + len(c.path)/4 + c.pathBytes/32)
	return &failure{path: slices.Clone(c.path), fault: fault}
}

// add notes a fault of the value.
func (c *checker) add(f *frame, fault fault, causes ...*failure) {
	wrong := c.failure(f, fault)
	wrong.causes = causes
	f.failures = append(f.failures, wrong)
}

func (f *frame) note(wrong *failure) {
	if wrong != nil {
		f.failures = append(f.failures, wrong)
	}
}

// decided says that a quiet visit knows enough.
func (f *frame) decided() bool { return f.quiet && len(f.failures) > 0 }

// cycle finds a visit of the same schema to the same value, further up.
func (f *frame) cycle() *frame {
	for up := f.up; up != nil && up.level == f.level; up = up.up {
		if up.s == f.s {
			return up
		}
	}
	return nil
}

// keywords are the keywords that lead to a visit.
func (f *frame) keywords() string {
	text := ""
	for ; f.up != nil; f = f.up {
		if f.keyword != "" {
			text = "/" + escape(f.keyword) + text
		} else if n := len(f.up.s.location); n <= len(f.s.location) {
			text = f.s.location[n:] + text
		}
	}
	return text
}

// rest is what of a value no keyword was about so far, where somebody asks for
// it.
type rest struct {
	properties map[string]bool
	items      map[int]bool
}

func (c *checker) restOf(v any, s *schema, asked bool) rest {
	switch v := v.(type) {
	case map[string]any:
		if s.object.evaluatesAllOfObject || !asked && s.object.unevaluated == nil {
			break
		}
		c.pay(len(v) / 4)
		left := make(map[string]bool, len(v))
		for key := range v {
			left[key] = true
		}
		return rest{properties: left}
	case []any:
		from := s.array.evaluatesPrefix
		if s.array.evaluatesAll || !asked && s.array.unevaluated == nil || from >= len(v) {
			break
		}
		c.pay(len(v) / 4)
		left := make(map[int]bool, len(v))
		for i := from; i < len(v); i++ {
			left[i] = true
		}
		return rest{items: left}
	}
	return rest{}
}

func (r rest) empty() bool { return len(r.properties) == 0 && len(r.items) == 0 }

// keep drops what another visit had a keyword about.
func (r rest) keep(other rest) {
	for key := range r.properties {
		if !other.properties[key] {
			delete(r.properties, key)
		}
	}
	for i := range r.items {
		if !other.items[i] {
			delete(r.items, i)
		}
	}
}
