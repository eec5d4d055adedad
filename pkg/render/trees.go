package render

import (
	"context"
	"fmt"
	"sync"
	"unsafe"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// maxCached is about how many bytes each half of a cache takes, codeWeight how many a
// byte of code does, and treeWeight a tree that is known under another name.
const (
	maxCached  = 128 << 20
	codeWeight = 32
	treeWeight = 64
)

// treeKey identifies a text that was parsed: by itself, whatever its name is, and that
// of a file by its place in memory too, since the bytes of charts never change.
type treeKey struct {
	name string
	data *byte
	size int
	text string
}

// parsed is the trees of a text, and about how many bytes they take.
type parsed struct {
	trees []*tmpltree.Tree
	size  int
}

// treeCache keeps parsed templates. It has two halves: when the young one is
// full it becomes the old one, and what was in the old one and is not asked for
// again goes.
type treeCache struct {
	mu         sync.Mutex
	young, old map[treeKey]parsed
	size       int
}

func newTreeCache() *treeCache { return &treeCache{young: map[treeKey]parsed{}} }

func (c *treeCache) get(key treeKey) []*tmpltree.Tree {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.young[key]; ok {
		return p.trees
	}
	p, ok := c.old[key]
	if ok {
		c.add(key, p)
	}
	return p.trees
}

// expect makes room for n more texts, if there is nothing yet: a map that grows
// leaves twice its size behind.
func (c *treeCache) expect(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) == 0 {
		c.young = make(map[treeKey]parsed, n)
	}
}

// put keeps the trees of a text.
func (c *treeCache) put(key treeKey, p parsed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, p)
}

func (c *treeCache) add(key treeKey, p parsed) {
	if p.size > maxCached {
		return
	}
	if c.size += p.size; c.size > maxCached {
		c.old, c.young, c.size = c.young, map[treeKey]parsed{}, p.size
	}
	c.young[key] = p
}

// parse makes the set of all templates of a chart tree. The error is that of
// the first file, in the order of the list, that cannot be parsed.
func (r *Renderer) parse(ctx context.Context, list []source) (*gotmpl.Set, error) {
	if err := r.checkCode(list); err != nil {
		return nil, err
	}
	r.trees.expect(len(list))
	parsed := make([][]*tmpltree.Tree, len(list))
	errs := make([]error, len(list))
	parallel.Do(r.cfg.Parallel, len(list), func(i int) bool {
		if errs[i] = gotmpl.Ended(ctx); errs[i] == nil {
			parsed[i], errs[i] = r.parseSource(list[i])
		}
		return errs[i] == nil
	})
	set := gotmpl.NewSet(2 * len(list))
	for i := range list {
		if errs[i] != nil {
			return nil, r.diagnoseParse(list[i], parseError(list[i].name, errs[i]))
		}
		set.Add(parsed[i])
	}
	return set, nil
}

// twinWeight is how many bytes of code that is there already count as one: such a text
// shares its trees with the other.
const twinWeight = 8

// checkCode holds the code of all templates against the bound. It is counted only
// where the texts are long enough.
func (r *Renderer) checkCode(list []source) error {
	bytes, code := 0, 0
	for _, s := range list {
		bytes += len(s.text)
	}
	if bytes <= r.cfg.MaxCode {
		return nil
	}
	seen := map[string]int{}
	for _, s := range list {
		own, twin := seen[s.string()]
		if twin {
			code += own / twinWeight
		} else {
			own = gotmpl.Code(s.string())
			seen[s.string()] = own
			code += own
		}
		if code > r.cfg.MaxCode {
			err := fmt.Errorf("%w: the templates have more than %d bytes of code (Config.MaxCode)", ErrTooLarge, r.cfg.MaxCode)
			return &Error{Template: s.name, Message: err.Error(), Err: err, text: s.name + ": " + err.Error()}
		}
	}
	return nil
}

// Trees are the parsed templates of a chart and its subcharts, and what they
// define, for them to be looked at without being executed. They are shared: the
// caller must not change them. Their type is one of this module's own: they are for
// its other packages, such as lint. The error is that of a template that cannot be
// parsed.
func (r *Renderer) Trees(c *chart.Chart) ([]*tmpltree.Tree, error) {
	list := sources(flatten(c))
	if err := r.checkCode(list); err != nil {
		return nil, err
	}
	r.trees.expect(len(list))
	all := make([]*tmpltree.Tree, 0, len(list))
	for _, s := range list {
		trees, err := r.parseSource(s)
		if err != nil {
			return nil, parseError(s.name, err)
		}
		all = append(all, trees...)
	}
	return all, nil
}

// Preload parses the templates of a chart ahead of its rendering, one after
// another, until they are parsed or ctx ends. It is for a caller that has
// something else to do meanwhile, such as Configure; what cannot be parsed is an
// error of Render.
func (r *Renderer) Preload(ctx context.Context, c *chart.Chart) {
	list := sources(flatten(c))
	if r.checkCode(list) != nil {
		return
	}
	r.trees.expect(len(list))
	for _, s := range list {
		if ctx.Err() != nil {
			return
		}
		if _, err := r.parseSource(s); err != nil {
			return
		}
	}
}

// string is the text. The bytes of charts never change, and most texts of a tree
// are parts of this one.
func (s source) string() string { return unsafe.String(unsafe.SliceData(s.text), len(s.text)) }

// parseSource parses a file, or takes the trees of one with the same text: an umbrella
// chart has the templates of its libraries many times over.
func (r *Renderer) parseSource(s source) ([]*tmpltree.Tree, error) {
	key := treeKey{name: s.name, data: unsafe.SliceData(s.text), size: len(s.text)}
	if trees := r.trees.get(key); trees != nil && key.size > 0 {
		return trees, nil
	}
	trees, err := r.parseText(s.name, s.string())
	if err == nil {
		r.trees.put(key, parsed{trees: trees, size: len(s.name) + treeWeight*len(trees)})
	}
	return trees, err
}

// rootName is the name under which the text of tpl is parsed, as in Helm.
const rootName = "gotpl"

// parseText parses a text under a name.
func (r *Renderer) parseText(name, text string) ([]*tmpltree.Tree, error) {
	key := treeKey{text: text}
	if trees := r.trees.get(key); trees != nil {
		return tmpltree.Renamed(trees, name), nil
	}
	trees, err := r.library.Parse(name, text)
	if err == nil {
		r.trees.put(key, parsed{trees: trees, size: len(text) + codeWeight*gotmpl.Code(text)})
	}
	return trees, err
}
