package release

import (
	"cmp"
	"context"
	"regexp"
	"slices"
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
//
// Where not all namespaces may be listed at once, and the store is a
// NamespaceLister, those are listed that may be, and the others are reported to
// Forbidden; if there are none that may be, the error is the server's.
func (r Records) List(ctx context.Context, f ListFilter) ([]Summary, error) {
	heads, pools, err := r.listed(ctx, f)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(heads, compareHeads)
	if !f.ByDate {
		all, _, err := r.summaries(ctx, window(heads, f), knownToLists, pools...)
		return all, err
	}
	all, _, err := r.summaries(ctx, heads, knownToLists, pools...)
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
