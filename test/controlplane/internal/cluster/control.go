package cluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// faultTimeout bounds one action, an API server's start included.
const faultTimeout = time.Minute

// maxBody bounds a request or an answer of the control server.
const maxBody = 1 << 20

// FaultRequest is the body of POST /fault.
type FaultRequest struct {
	Action    string `json:"action"`
	Component string `json:"component"`
}

// control is the fault switch: HTTP on loopback, for holders of the token in the side file.
type control struct {
	sup   *supervisor
	token string
	url   string
	srv   *http.Server
}

// startControl serves the fault switch; actions under way end with ctx.
func startControl(ctx context.Context, sup *supervisor) (*control, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("control server: %w", err)
	}
	c := &control{sup: sup, token: rand.Text(), url: "http://" + l.Addr().String()}
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

func (c *control) authenticated(next http.Handler) http.Handler {
	want := []byte("Bearer " + c.token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			answer(w, http.StatusUnauthorized, failure{"wrong or missing token"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *control) fault(w http.ResponseWriter, r *http.Request) {
	var req FaultRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&req); err != nil {
		answer(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), faultTimeout)
	defer cancel()
	if err := c.sup.fault(ctx, req.Action, req.Component); err != nil {
		answer(w, http.StatusUnprocessableEntity, failure{err.Error()})
		return
	}
	answer(w, http.StatusOK, c.sup.status())
}

type failure struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// A caller that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(v)
}

// Call sends a request to the control server of a running control plane and decodes its answer into out, unless that
// is nil.
func Call(ctx context.Context, info layout.Info, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, info.Control+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+info.ControlToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		var f failure
		if json.Unmarshal(data, &f) != nil || f.Error == "" {
			f.Error = resp.Status
		}
		return fmt.Errorf("%s %s: %s", method, path, f.Error)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}
