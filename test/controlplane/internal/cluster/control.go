package cluster

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
)

// faultTimeout bounds one action, an API server's start included.
const faultTimeout = time.Minute

// switchboard is the fault switch: HTTP on loopback, for holders of the token in the side file.
type switchboard struct {
	sup   *supervisor
	token string
	url   string
	srv   *http.Server
}

// startControl serves the fault switch; actions under way end with ctx.
func startControl(ctx context.Context, sup *supervisor) (*switchboard, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("control server: %w", err)
	}
	c := &switchboard{sup: sup, token: rand.Text(), url: "http://" + l.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /fault", c.fault)
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, sup.status()) })
	c.srv = &http.Server{
		Handler:           c.authenticated(mux),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go c.srv.Serve(l)
	return c, nil
}

func (c *switchboard) authenticated(next http.Handler) http.Handler {
	want := []byte("Bearer " + c.token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			answer(w, http.StatusUnauthorized, control.Failure{Error: "wrong or missing token"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *switchboard) fault(w http.ResponseWriter, r *http.Request) {
	var req control.FaultRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, control.MaxBody)).Decode(&req); err != nil {
		answer(w, http.StatusBadRequest, control.Failure{Error: err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), faultTimeout)
	defer cancel()
	if err := c.sup.fault(ctx, req.Action, req.Component); err != nil {
		answer(w, http.StatusUnprocessableEntity, control.Failure{Error: err.Error()})
		return
	}
	answer(w, http.StatusOK, c.sup.status())
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// A caller that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(v)
}
