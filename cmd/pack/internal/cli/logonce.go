package cli

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// onceHandler lets each warning through once: what several steps of a command come
// across need not be told as often.
type onceHandler struct {
	slog.Handler
	// where are the attributes and groups that the handler has got.
	where string
	told  *sync.Map
}

func newOnceHandler(h slog.Handler) slog.Handler {
	return &onceHandler{Handler: h, told: new(sync.Map)}
}

// Handle implements slog.Handler.
func (h *onceHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelWarn {
		var b strings.Builder
		b.WriteString(h.where + r.Message)
		r.Attrs(func(a slog.Attr) bool {
			b.WriteString("\x00" + a.String())
			return true
		})
		if _, told := h.told.LoadOrStore(b.String(), true); told {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
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
