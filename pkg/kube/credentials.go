package kube

import (
	"fmt"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
)

// credentialsFrom names what a configuration gets its credentials from when it is asked
// for them: a program, which may have somebody log in with a browser first, or an issuer
// of tokens. Empty means that they are known.
func credentialsFrom(cfg *rest.Config) string {
	switch {
	case cfg.ExecProvider != nil:
		return filepath.Base(cfg.ExecProvider.Command)
	case cfg.AuthProvider != nil:
		return cfg.AuthProvider.Name
	}
	return ""
}

// roundTrip sends a request. What gets the credentials does so within it, takes its time
// and does not end with the request's context; sent is called when it has.
func (c *Client) roundTrip(conn *connection, req *http.Request, sent func()) (*http.Response, error) {
	if conn.credentials == "" {
		sent()
		return conn.http.Do(req)
	}
	var asked atomic.Bool
	notice := time.AfterFunc(noticeAfter, func() {
		conn.late.Do(func() { c.opts.Logger.Warn("waiting for the credentials", "from", conn.credentials) })
	})
	defer notice.Stop()
	ctx := req.Context()
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) {
		notice.Stop()
		asked.Store(true)
		if ctx.Err() == nil {
			sent()
		}
	}}))
	type outcome struct {
		resp *http.Response
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		resp, err := conn.http.Do(req) //nolint:bodyclose // below, or by the caller
		done <- outcome{resp, err}
	}()
	select {
	case got := <-done:
		return got.resp, got.err
	case <-ctx.Done():
	}
	if asked.Load() { // then the request ends by itself
		got := <-done
		return got.resp, got.err
	}
	go func() {
		if got := <-done; got.err == nil {
			_ = got.resp.Body.Close()
		}
	}()
	return nil, fmt.Errorf("waiting for the credentials from %s: %w", conn.credentials, ended(ctx))
}
