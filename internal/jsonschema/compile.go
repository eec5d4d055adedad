package jsonschema

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// compiler turns documents into schemas.
type compiler struct {
	// fetch loads documents that are neither here nor metaschemas.
	fetch   func(url string) (any, error)
	sources map[string]any
	docs    map[string]*document
	schemas map[place]*schema
	queue   []*schema
	holders []holder
	// patterns is how long the regular expressions are in all.
	patterns int
	// formats asserts formats whatever the draft says.
	formats bool
	metas   *compiler
}

func newCompiler(fetch func(string) (any, error)) *compiler {
	return &compiler{
		fetch:   fetch,
		sources: map[string]any{},
		docs:    map[string]*document{},
		schemas: map[place]*schema{},
		holders: holders(),
	}
}

// compile makes the schema at a reference, and all that it leads to.
func (c *compiler) compile(url string) (*schema, error) {
	at, err := c.find(reference{doc: url})
	if err != nil {
		return nil, err
	}
	root := c.enqueue(at)
	for len(c.queue) > 0 {
		s := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.compileNext(s); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func (c *compiler) enqueue(at place) *schema {
	if s, ok := c.schemas[at]; ok {
		return s
	}
	s := &schema{at: at, location: at.String()}
	c.schemas[at] = s
	c.queue = append(c.queue, s)
	return s
}

// load returns the text of a document as it is.
func (c *compiler) load(url string) (any, error) {
	if v, ok := c.sources[url]; ok {
		return v, nil
	}
	v, err := metaDocument(url)
	if err == nil && v == nil {
		v, err = c.fetch(url)
		if err != nil {
			err = fmt.Errorf("failing loading %q: %w", url, err)
		}
	}
	if err != nil {
		return nil, err
	}
	c.sources[url] = v
	return v, nil
}

// document returns a document whose schemas are good ones.
func (c *compiler) document(url string) (*document, error) {
	if d, ok := c.docs[url]; ok {
		return d, nil
	}
	v, err := c.load(url)
	if err != nil {
		return nil, err
	}
	d := &document{url: url, value: v, resources: map[string]*resource{}, ids: map[string]*resource{}, known: map[string]bool{}}
	if err := c.collect(d, v, place{doc: url}, url, dialect{draft: newest}); err != nil {
		return nil, err
	}
	if !isMetaURL(url) {
		if err := c.checkSchema(d, v, place{doc: url}); err != nil {
			return nil, err
		}
	}
	c.docs[url] = d
	return d, nil
}

// find finds the place of a reference, whatever its document.
func (c *compiler) find(ref reference) (place, error) {
	d, err := c.document(ref.doc)
	if err != nil {
		return place{}, err
	}
	at, _, err := d.resolve(ref)
	return at, err
}

// ensure sees to it that what a reference leads to is a good schema, where no
// keyword says that there is one.
func (c *compiler) ensure(d *document, at place) error {
	if d.known[at.ptr] {
		return nil
	}
	v, err := at.lookup(d.value)
	if err != nil {
		return err
	}
	r := d.at(at.ptr)
	if err := c.collect(d, v, at, r.id, r.dialect); err != nil {
		return err
	}
	return c.checkSchema(d, v, at)
}

func (c *compiler) compileNext(s *schema) error {
	d, err := c.document(s.at.doc)
	if err != nil {
		return err
	}
	if err := c.ensure(d, s.at); err != nil {
		return err
	}
	v, err := s.at.lookup(d.value)
	if err != nil {
		return err
	}
	r := d.at(s.at.ptr)
	s.draft = r.dialect.draft
	s.resource = c.enqueue(place{d.url, r.ptr})
	if s.draft >= draft2020 && s == s.resource {
		for _, name := range r.dynamic {
			if s.anchors == nil {
				s.anchors = map[string]*schema{}
			}
			s.anchors[name] = c.enqueue(place{d.url, r.anchors[name]})
		}
	}
	switch v := v.(type) {
	case bool:
		s.always = &v
	case map[string]any:
		if len(v) == 0 {
			yes := true
			s.always = &yes
			return nil
		}
		k := keywords{c: c, d: d, r: r, s: s, obj: v}
		return k.compile()
	}
	return nil
}

// keywords compiles the keywords of one schema.
type keywords struct {
	c   *compiler
	d   *document
	r   *resource
	s   *schema
	obj object
}

func (k *keywords) has(vocabulary string) bool { return k.r.dialect.has(vocabulary) }

func (k *keywords) compile() error {
	s := k.s
	var err error
	if s.ref, err = k.reference("$ref"); err != nil {
		return err
	}
	if s.draft < draft2019 && s.ref != nil {
		k.beside()
		return nil
	}
	if k.has("applicator") {
		if err := k.applicators(); err != nil {
			return err
		}
	}
	if k.has("validation") {
		if err := k.assertions(); err != nil {
			return err
		}
	}
	k.compileFormat()
	if s.draft >= draft2019 {
		return k.dynamic()
	}
	return nil
}

func (k *keywords) compileFormat() {
	if name, ok := k.obj.text("format"); ok && (k.c.formats || k.r.dialect.assertsFormat()) {
		k.s.format = formatNamed(name)
	}
}

func (k *keywords) compileConst() {
	if v, ok := k.obj["const"]; ok && k.s.draft >= draft6 && k.has("validation") {
		k.s.constant = &v
	}
}

func (k *keywords) sub(tokens ...string) *schema { return k.c.enqueue(k.s.at.child(tokens...)) }

// one is the schema in a keyword.
func (k *keywords) one(keyword string) *schema {
	if _, ok := k.obj[keyword]; !ok {
		return nil
	}
	return k.sub(keyword)
}

func (k *keywords) list(keyword string) []*schema {
	items, ok := k.obj[keyword].([]any)
	if !ok {
		return nil
	}
	out := make([]*schema, len(items))
	for i := range items {
		out[i] = k.sub(keyword, strconv.Itoa(i))
	}
	return out
}

func (k *keywords) dictionary(keyword string) map[string]*schema {
	entries, ok := k.obj[keyword].(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]*schema, len(entries))
	for key := range entries {
		out[key] = k.sub(keyword, key)
	}
	return out
}

func (k *keywords) additional(keyword string) additional {
	v, ok := k.obj[keyword]
	if !ok {
		return additional{}
	}
	if allowed, ok := v.(bool); ok {
		return additional{set: true, allowed: allowed}
	}
	return additional{set: true, schema: k.sub(keyword)}
}

// reference is the schema that a keyword refers to.
func (k *keywords) reference(keyword string) (*schema, error) {
	text, ok := k.obj.text(keyword)
	if !ok {
		return nil, nil
	}
	ref, err := join(k.r.id, text)
	if err != nil {
		return nil, err
	}
	at, here, err := k.d.resolve(ref)
	if err != nil {
		return nil, err
	}
	if !here {
		if at, err = k.c.find(ref); err != nil {
			return nil, err
		}
	}
	return k.c.enqueue(at), nil
}

func (k *keywords) dynamic() error {
	s := k.s
	var err error
	if s.recursiveRef, err = k.reference("$recursiveRef"); err != nil {
		return err
	}
	s.recursiveAnchor = k.obj.yes("$recursiveAnchor")
	if s.draft < draft2020 {
		return nil
	}
	if s.dynamicRef, err = k.reference("$dynamicRef"); err != nil {
		return err
	}
	if s.dynamicRef != nil {
		text, _ := k.obj.text("$dynamicRef")
		ref, err := splitReference(text)
		if err != nil {
			return err
		}
		if ref.isAnchor() {
			s.dynamicRefName = ref.fragment
		}
	}
	s.dynamicAnchor, _ = k.obj.text("$dynamicAnchor")
	return nil
}

func (k *keywords) regexp(text, keyword string) (*pattern, error) {
	if k.c.patterns += len(text); k.c.patterns > MaxPatterns {
		return nil, errPatterns
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("invalid regex %q at %q: %w", text, k.s.at.child(keyword), err)
	}
	return &pattern{re, instructions(text)}, nil
}

// instructions is about how many a regular expression has: only repetitions make it
// longer than it is written.
func instructions(text string) int {
	if strings.Contains(text, "{") {
		if re, err := syntax.Parse(text, syntax.Perl); err == nil {
			return unrolled(re)
		}
	}
	return len(text)
}

func unrolled(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		n = 1
	}
	for _, sub := range re.Sub {
		n += unrolled(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max) // at most a thousand, also in one another
	}
	return n
}

// isMetaURL says whether a document lies where metaschemas do; those are taken
// to be good.
func isMetaURL(url string) bool {
	return slices.ContainsFunc([]string{"http://json-schema.org/", "https://json-schema.org/"}, func(prefix string) bool {
		return strings.HasPrefix(url, prefix)
	})
}
