package jsonschema

import (
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

func index(i int) string { return strconv.Itoa(i) }

// array checks what is said of a list.
func (c *checker) array(f *frame, v []any) {
	rules := &f.s.array
	if rules.min != nil && len(v) < *rules.min {
		c.add(f, &kind.MinItems{Got: len(v), Want: *rules.min})
	}
	if rules.max != nil && len(v) > *rules.max {
		c.add(f, &kind.MaxItems{Got: len(v), Want: *rules.max})
	}
	if rules.unique && len(v) > 1 {
		if i, j, found := duplicates(v, c.pay); found {
			c.add(f, &kind.UniqueItems{Duplicates: [2]int{i, j}})
		}
	}
	c.items(f, v)
	if rules.contains != nil {
		c.contains(f, v)
	}
}

// items checks each item by the schema that is about it.
func (c *checker) items(f *frame, v []any) {
	rules := &f.s.array
	first := min(len(rules.prefix), len(v))
	for i, item := range v[:first] {
		c.below(f, rules.prefix[i], item, index(i))
	}
	if rules.items != nil {
		for i, item := range v[first:] {
			c.below(f, rules.items, item, index(first+i))
		}
	}
	if rules.additional.schema != nil {
		for i, item := range v[first:] {
			c.below(f, rules.additional.schema, item, index(first+i))
		}
	} else if rules.additional.set && !rules.additional.allowed && first < len(v) {
		c.add(f, &kind.AdditionalItems{Count: len(v) - first})
	}
}

// contains counts the items that one schema accepts.
func (c *checker) contains(f *frame, v []any) {
	rules := &f.s.array
	var wrong []*failure
	var matched []int
	for i, item := range v {
		if w := c.inside(f, rules.contains, item, index(i)); w != nil {
			wrong = append(wrong, w)
			continue
		}
		matched = append(matched, i)
		if f.s.draft >= draft2020 {
			delete(f.rest.items, i)
		}
	}
	if rules.minContains != nil {
		if len(matched) < *rules.minContains {
			c.add(f, &kind.MinContains{Got: matched, Want: *rules.minContains}, wrong...)
		}
	} else if len(matched) == 0 {
		c.add(f, &kind.Contains{}, wrong...)
	}
	if rules.maxContains != nil && len(matched) > *rules.maxContains {
		c.add(f, &kind.MaxContains{Got: matched, Want: *rules.maxContains})
	}
}

// text checks what is said of a string; lengths are in characters.
func (c *checker) text(f *frame, v string) {
	rules := &f.s.text
	if rules.min != nil || rules.max != nil {
		n := utf8.RuneCountInString(v)
		if rules.min != nil && n < *rules.min {
			c.add(f, &kind.MinLength{Got: n, Want: *rules.min})
		}
		if rules.max != nil && n > *rules.max {
			c.add(f, &kind.MaxLength{Got: n, Want: *rules.max})
		}
	}
	if rules.pattern != nil && !c.matches(rules.pattern, v) {
		c.add(f, &kind.Pattern{Got: v, Want: rules.pattern.String()})
	}
}

// matches pays for what a match can take: each character, for each instruction.
func (c *checker) matches(p *pattern, text string) bool {
	c.pay(int(min(int64(len(text))*int64(p.size)/256, math.MaxInt32)))
	return p.MatchString(text)
}

func (c *checker) number(f *frame) {
	rules := f.s.numbers
	if rules == (numberRules{}) {
		return
	}
	v := rational(f.v)
	if v == nil {
		return
	}
	if rules.min != nil && v.Cmp(rules.min) < 0 {
		c.add(f, &kind.Minimum{Got: v, Want: rules.min})
	}
	if rules.max != nil && v.Cmp(rules.max) > 0 {
		c.add(f, &kind.Maximum{Got: v, Want: rules.max})
	}
	if rules.above != nil && v.Cmp(rules.above) <= 0 {
		c.add(f, &kind.ExclusiveMinimum{Got: v, Want: rules.above})
	}
	if rules.below != nil && v.Cmp(rules.below) >= 0 {
		c.add(f, &kind.ExclusiveMaximum{Got: v, Want: rules.below})
	}
	if rules.multiple != nil && rules.multiple.Sign() != 0 && !new(big.Rat).Quo(v, rules.multiple).IsInt() {
		c.add(f, &kind.MultipleOf{Got: v, Want: rules.multiple})
	}
}

// combinations checks by the schemas that the same value has to meet.
func (c *checker) combinations(f *frame) {
	s := f.s
	if s.not != nil && c.same(f, s.not, "", true) == nil {
		c.add(f, &kind.Not{})
	}
	var wrong []*failure
	for _, sub := range s.allOf {
		if w := c.same(f, sub, "", false); w != nil {
			wrong = append(wrong, w)
			if f.quiet {
				break
			}
		}
	}
	if wrong != nil {
		c.add(f, &kind.AllOf{}, wrong...)
	}
	if len(s.anyOf) > 0 {
		c.anyOf(f)
	}
	if len(s.oneOf) > 0 {
		c.oneOf(f)
	}
	if s.when == nil {
		return
	}
	branch := s.otherwise
	if c.same(f, s.when, "", true) == nil {
		branch = s.then
	}
	if branch != nil {
		f.note(c.same(f, branch, "", false))
	}
}

func (c *checker) anyOf(f *frame) {
	var wrong []*failure
	matched := false
	for _, sub := range f.s.anyOf {
		if w := c.same(f, sub, "", false); w != nil {
			wrong = append(wrong, w)
			continue
		}
		matched = true
		// Where it is asked what was evaluated, all alternatives count.
		if f.rest.empty() {
			break
		}
	}
	if !matched {
		c.add(f, &kind.AnyOf{}, wrong...)
	}
}

func (c *checker) oneOf(f *frame) {
	var wrong []*failure
	matched := -1
	for i, sub := range f.s.oneOf {
		w := c.same(f, sub, "", matched >= 0)
		switch {
		case w != nil && matched < 0:
			wrong = append(wrong, w)
		case w == nil && matched < 0:
			matched = i
		case w == nil:
			c.add(f, &kind.OneOf{Subschemas: []int{matched, i}})
			return
		}
	}
	if matched < 0 {
		c.add(f, &kind.OneOf{}, wrong...)
	}
}

// refer checks by a schema that a keyword refers to.
func (c *checker) refer(f *frame, s *schema, keyword string) *failure {
	wrong := c.same(f, s, keyword, false)
	if wrong == nil {
		return nil
	}
	out := c.failure(f, &kind.Reference{Keyword: keyword, URL: s.location})
	if _, ok := wrong.fault.(*kind.Group); ok {
		out.causes = wrong.causes
	} else {
		out.causes = []*failure{wrong}
	}
	return out
}

// dynamicRefs follows the references whose target depends on the way here: it
// is the outermost schema on it that offers one.
func (c *checker) dynamicRefs(f *frame) {
	if f.s.recursiveRef != nil || f.s.dynamicRef != nil {
		c.pay(f.height / 64)
	}
	if to := f.s.recursiveRef; to != nil {
		if to.recursiveAnchor {
			for up := f; up != nil; up = up.up {
				if up.s.resource.recursiveAnchor {
					to = up.s
				}
			}
		}
		f.note(c.refer(f, to, "$recursiveRef"))
	}
	if to := f.s.dynamicRef; to != nil {
		if name := f.s.dynamicRefName; name != "" && to.dynamicAnchor == name {
			for up := f; up != nil; up = up.up {
				if other, ok := up.s.resource.anchors[name]; ok {
					to = other
				}
			}
		}
		f.note(c.refer(f, to, "$dynamicRef"))
	}
}
