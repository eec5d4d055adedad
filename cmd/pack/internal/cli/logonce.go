package cli

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// mostNotices is how many notices of one kind are shown.
const mostNotices = 50

// onceHandler lets each warning through once: what several steps of a command come
// across need not be told as often. Of many of one kind it lets the first through,
// unless details are wanted: a chart can have any number of objects of which there
// is something to say.
type onceHandler struct {
	slog.Handler
	// where are the attributes and groups that the handler has got.
	where string
	told  *notices
}

// notices are what was told, and how much was not.
type notices struct {
	mu   sync.Mutex
	once map[string]bool
	// kinds counts notices by what they have in common; left are those that were
	// not shown.
	kinds map[string]int
	left  int
}

func newOnceHandler(h slog.Handler) *onceHandler {
	return &onceHandler{Handler: h, told: &notices{once: map[string]bool{}, kinds: map[string]int{}}}
}

// Handle implements slog.Handler.
func (h *onceHandler) Handle(ctx context.Context, r slog.Record) error {
	if (r.Level == slog.LevelWarn || r.Level == slog.LevelInfo) && !h.told.pass(h.where, r, h.Enabled(ctx, slog.LevelDebug)) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// pass says whether a notice is to be shown.
func (n *notices) pass(where string, r slog.Record, all bool) bool {
	// What has facts beside it has a message that says of what kind it is.
	kind := where
	if r.NumAttrs() > 0 {
		kind += r.Message
	}
	var text strings.Builder
	text.WriteString(where + r.Message)
	r.Attrs(func(a slog.Attr) bool {
		text.WriteString("\x00" + a.String())
		return true
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	if r.Level == slog.LevelWarn && n.once[text.String()] {
		return false
	}
	if n.kinds[kind]++; n.kinds[kind] > mostNotices && !all {
		n.left++
		return false
	}
	if r.Level == slog.LevelWarn {
		n.once[text.String()] = true
	}
	return true
}

// tellLeft says how many notices were not shown, if any were not.
func (h *onceHandler) tellLeft(log *slog.Logger) {
	h.told.mu.Lock()
	left := h.told.left
	h.told.mu.Unlock()
	if left > 0 {
		log.Warn("there is more to tell: --debug shows all of it", "more", left)
	}
}

// WithAttrs implements slog.Handler.
func (h *onceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var where strings.Builder
	where.WriteString(h.where)
	for _, a := range attrs {
		where.WriteString(a.String() + "\x00")
	}
	return &onceHandler{Handler: h.Handler.WithAttrs(attrs), where: where.String(), told: h.told}
}

// WithGroup implements slog.Handler.
func (h *onceHandler) WithGroup(name string) slog.Handler {
	return &onceHandler{Handler: h.Handler.WithGroup(name), where: h.where + name + "\x00", told: h.told}
}
