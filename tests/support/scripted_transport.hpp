#pragma once

#include <async/event.hpp>
#include <async/transport.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <support/manual_clock.hpp>
#include <vector>

namespace kusto::test
{

/// A request as the transport saw it, body included.
struct seen_request
{
    async::http_method method;
    base::url target;
    async::http_headers headers;
    std::string body;
    bool replayable;
    deadline until;
    bool direct;
    std::shared_ptr<async::tls_peer const> peer;

    /// First value; empty if absent. Names compare without regard to case.
    [[nodiscard]] std::string header(std::string_view name) const;
    [[nodiscard]] bool has_header(std::string_view name) const;
};

/// One expected request and what becomes of it. Without `reply`, `fail` or `hang`: 200, no body.
class step
{
public:
    step(async::http_method method, std::string host) : method_(method), host_(std::move(host)) {}

    // What to expect. `host` is compared with `url::host()`.
    step& path(std::string prefix);
    /// Somewhere in path and query.
    step& target_contains(std::string text);
    step& header(std::string name, std::string value);
    step& no_header(std::string name);
    step& body_contains(std::string text);
    step& body_is(std::string text);
    step& when(std::function<bool(seen_request const&)> predicate);
    /// May be called before, after and between its neighbours that are `any_order` as well.
    step& any_order();
    /// Answers this many requests. Default 1.
    step& times(std::size_t count);

    // What to answer.
    step& reply(int status, std::string body = std::string(),
                async::http_headers headers = async::http_headers());
    step& fail(failure why);
    /// No answer: fails at the deadline as the network would, with outcome unknown, or throws when
    /// it is cancelled.
    step& hang();
    /// The same while it connects: no byte of the request leaves.
    step& hang_connecting();
    /// Waits for `scripted_transport::release` before it answers.
    step& hold();

private:
    friend class scripted_transport;

    [[nodiscard]] bool matches(seen_request const& r) const;
    [[nodiscard]] std::string describe() const;

    async::http_method method_;
    std::string host_;
    std::string path_;
    std::vector<std::string> target_;
    async::http_headers headers_;
    std::vector<std::string> absent_;
    std::vector<std::string> body_;
    std::optional<std::string> exact_body_;
    std::function<bool(seen_request const&)> predicate_;
    bool any_order_ = false;
    std::size_t left_ = 1;
    async::http_response response_ = ok();
    std::optional<failure> failure_;
    bool hang_ = false;
    bool connecting_ = false;
    bool hold_ = false;

    static async::http_response ok();
};

/// A transport that follows a script. Steps are consumed in order, except that neighbours marked
/// `any_order` are free among themselves. A request that no step expects fails with a permanent
/// failure and is reported by `problems()`.
class scripted_transport final : public async::transport
{
public:
    /// \param time  decides when a deadline has passed; outlives this object
    explicit scripted_transport(manual_clock& time) : time_(time) {}

    step& expect(async::http_method method, std::string host);

    [[nodiscard]] boost::asio::awaitable<result<async::http_response>>
    send(async::http_request request, deadline until) override;
    void shutdown() noexcept override { shut_down_ = true; }

    /// Lets the requests that wait at a `hold` step go on, the next ones too.
    void release();
    /// Requests that hang or are held at this moment.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
    [[nodiscard]] std::vector<seen_request> const& calls() const noexcept { return calls_; }
    [[nodiscard]] bool was_shut_down() const noexcept { return shut_down_; }

    /// Empty when every expected request came and no other one; else a readable account of the
    /// script and the calls, without queries.
    [[nodiscard]] std::string problems() const;

private:
    step* take(seen_request const& request);
    boost::asio::awaitable<result<bool>> wait_for_gate();
    boost::asio::awaitable<bool> wait_at(step const& where, deadline until);

    manual_clock& time_;
    std::deque<step> script_;
    std::vector<seen_request> calls_;
    std::vector<std::string> unexpected_;
    // Owned by those who wait, since its timer must not outlive their context.
    std::weak_ptr<async::event> gate_;
    std::size_t waiting_ = 0;
    bool released_ = false;
    bool shut_down_ = false;
};

} // namespace kusto::test
