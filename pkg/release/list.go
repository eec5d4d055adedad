package release

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	"github.com/seed-0d4f92cc/pack/internal/selector"
)

// ListFilter says which releases a list has, and in which order.
type ListFilter struct {
	// Namespace to list; empty means all.
	Namespace string
	// States that are listed; none means all. Only the newest revision of each
	// release is looked at, unless the only state is StatusSuperseded: then all
	// superseded revisions are listed, for the newest never is.
	States []Status
	// Name is found in the names that are listed; nil means all.
	Name *regexp.Regexp
	// Selector is a Kubernetes label selector over the labels of the newest
	// revision's record, SystemLabels included; empty means all.
	Selector string
	// ByDate sorts by time, oldest first; otherwise names, namespaces and
	// revisions decide.
	ByDate bool
	// Reverse turns the order around.
	Reverse bool
	// Offset is how many are left out at the beginning.
	Offset int
	// Max is how many are listed at most; 0 means all.
	Max int
}

// List returns what a filter asks for; none is no error. It reads the payload
// of a record only where its head does not tell what a list shows, and of no
// record that is not listed (unless the order is by date). Damaged records are
// left out; Offset and Max count them. The rules are those of helm list.
func (r Records) List(ctx context.Context, f ListFilter) ([]Summary, error) {
	heads, err := r.listed(ctx, f)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(heads, compareHeads)
	if !f.ByDate {
		return r.summaries(ctx, window(heads, f))
	}
	all, err := r.summaries(ctx, heads)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Summary) int { return a.Updated.Compare(b.Updated) })
	return window(all, f), nil
}

func compareHeads(a, b Head) int {
	return cmp.Or(
		cmp.Compare(a.Key.Name, b.Key.Name),
		cmp.Compare(a.Key.Namespace, b.Key.Namespace),
		cmp.Compare(a.Revision, b.Revision),
	)
}

// listed returns the heads that are to be listed, in no order. The selector is
// not for the store: an older revision must not stand in for a newest one that
// does not match.
func (r Records) listed(ctx context.Context, f ListFilter) ([]Head, error) {
	sel, err := selector.Parse(f.Selector)
	if err != nil {
		return nil, err
	}
	var heads []Head
	newest := map[Key]int{}
	for h, err := range r.Store.List(ctx, ListOptions{Namespace: f.Namespace}) {
		if err != nil {
			return nil, err
		}
		if f.Name == nil || f.Name.MatchString(h.Key.Name) {
			heads = append(heads, h)
			newest[h.Key] = max(newest[h.Key], h.Revision)
		}
	}
	history := len(f.States) == 1 && f.States[0] == StatusSuperseded
	return slices.DeleteFunc(heads, func(h Head) bool {
		return !history && h.Revision != newest[h.Key] ||
			len(f.States) > 0 && !slices.Contains(f.States, h.Status) ||
			!sel.Matches(h.Labels)
	}), nil
}

// window turns a sorted list around and cuts it, as the filter says.
func window[T any](list []T, f ListFilter) []T {
	if f.Reverse {
		slices.Reverse(list)
	}
	list = list[min(max(f.Offset, 0), len(list)):]
	if f.Max > 0 && len(list) > f.Max {
		list = list[:f.Max]
	}
	return list
}

// summaries returns the summaries of heads, in their order, without those of
// records that are damaged or have gone meanwhile.
func (r Records) summaries(ctx context.Context, heads []Head) ([]Summary, error) {
	all := make([]*Summary, len(heads))
	var unread []Head
	for i, h := range heads {
		if s, ok := h.Summary(); ok {
			all[i] = &s
			continue
		}
		unread = append(unread, h)
	}
	records, _, err := r.read(ctx, unread, r.outline())
	if err != nil {
		return nil, err
	}
	out := make([]Summary, 0, len(heads))
	for i, h := range heads {
		if all[i] != nil {
			out = append(out, *all[i])
			continue
		}
		rel := records[0]
		records = records[1:]
		if rel != nil {
			s := rel.Summary()
			s.Key, s.Status = h.Key, h.Status
			out = append(out, s)
		}
	}
	return out, nil
}
