package render

import (
	"context"
	"sync"
	"text/template/parse"
	"unsafe"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// maxCached is how many bytes of template text each half of a cache stands
// for.
const maxCached = 32 << 20

// treeKey identifies a text that was parsed. The bytes of charts never change,
// so that their place in memory stands for them; the text of tpl stands for
// itself.
type treeKey struct {
	name string
	data *byte
	size int
	text string
}

// treeCache keeps parsed templates. It has two halves: when the young one is
// full it becomes the old one, and what was in the old one and is not asked for
// again goes.
type treeCache struct {
	mu         sync.Mutex
	young, old map[treeKey][]*parse.Tree
	size       int
}

func newTreeCache() *treeCache { return &treeCache{young: map[treeKey][]*parse.Tree{}} }

func (c *treeCache) get(key treeKey) []*parse.Tree {
	c.mu.Lock()
	defer c.mu.Unlock()
	if trees, ok := c.young[key]; ok {
		return trees
	}
	trees, ok := c.old[key]
	if ok {
		c.add(key, trees)
	}
	return trees
}

func (c *treeCache) put(key treeKey, trees []*parse.Tree) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, trees)
}

func (c *treeCache) add(key treeKey, trees []*parse.Tree) {
	size := key.size + len(key.text) + len(key.name)
	if size > maxCached {
		return
	}
	if c.size += size; c.size > maxCached {
		c.old, c.young, c.size = c.young, map[treeKey][]*parse.Tree{}, size
	}
	c.young[key] = trees
}

// parse makes the set of all templates of a chart tree. The error is that of
// the first file, in the order of the list, that cannot be parsed.
func (r *Renderer) parse(ctx context.Context, list []source) (*gotmpl.Set, error) {
	parsed := make([][]*parse.Tree, len(list))
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

// Trees are the parsed templates of a chart and its subcharts, and what they
// define, for them to be looked at without being executed. They are shared: the
// caller must not change them. The error is that of a template that cannot be
// parsed.
func (r *Renderer) Trees(c *chart.Chart) ([]*parse.Tree, error) {
	var all []*parse.Tree
	for _, s := range sources(flatten(c)) {
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
	for _, s := range sources(flatten(c)) {
		if ctx.Err() != nil {
			return
		}
		if _, err := r.parseSource(s); err != nil {
			return
		}
	}
}

func (r *Renderer) parseSource(s source) ([]*parse.Tree, error) {
	key := treeKey{name: s.name, data: unsafe.SliceData(s.text), size: len(s.text)}
	if trees := r.trees.get(key); trees != nil && key.size > 0 {
		return trees, nil
	}
	// The bytes of charts never change, and most of the tree's texts are parts of
	// this one.
	trees, err := r.library.Parse(s.name, unsafe.String(unsafe.SliceData(s.text), len(s.text)))
	if err == nil {
		r.trees.put(key, trees)
	}
	return trees, err
}

// rootName is the name under which the text of tpl is parsed, as in Helm.
const rootName = "gotpl"

func (r *Renderer) parseText(text string) ([]*parse.Tree, error) {
	key := treeKey{text: text}
	if trees := r.trees.get(key); trees != nil {
		return trees, nil
	}
	trees, err := r.library.Parse(rootName, text)
	if err == nil {
		r.trees.put(key, trees)
	}
	return trees, err
}
