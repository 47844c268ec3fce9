#include <support/scripted_transport.hpp>

#include <algorithm>
#include <async/with_deadline.hpp>
#include <boost/asio/this_coro.hpp>
#include <cctype>

namespace kusto::test
{

namespace asio = boost::asio;
using async::http_headers;
using async::http_method;
using async::http_request;
using async::http_response;

namespace
{

bool same_name(std::string_view a, std::string_view b)
{
    auto const lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [&](char x, char y) { return lower(x) == lower(y); });
}

std::string describe(seen_request const& r)
{
    return std::string(to_string(r.method)) + ' ' + r.target.without_query();
}

std::string body_of(http_request const& request)
{
    if (request.body_parts.empty())
        return request.body;
    std::string all;
    for (auto const part : request.body_parts)
        all.append(reinterpret_cast<char const*>(part.data()), part.size());
    return all;
}

seen_request see(http_request const& request, deadline until)
{
    return seen_request{request.method,     request.target, request.headers, body_of(request),
                        request.replayable, until,          request.direct,  request.peer};
}

failure late_for_gate()
{
    return failure(errc::timed_out, stage::receive, "not released in time");
}

class count_guard
{
public:
    explicit count_guard(std::size_t& count) : count_(count) { ++count_; }
    count_guard(count_guard const&) = delete;
    count_guard& operator=(count_guard const&) = delete;
    ~count_guard() { --count_; }

private:
    std::size_t& count_;
};

failure no_answer(seen_request const& r, kusto::stage where)
{
    return failure(errc::timed_out, where, "no reply within the deadline")
        .host(r.target.authority())
        .request_id(r.header("x-ms-client-request-id"))
        .retryable(true)
        .outcome(outcome::unknown);
}

} // namespace

bool seen_request::has_header(std::string_view name) const
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](auto const& h) { return same_name(h.first, name); });
}

std::string seen_request::header(std::string_view name) const
{
    for (auto const& [key, value] : headers)
    {
        if (same_name(key, name))
            return value;
    }
    return std::string();
}

step& step::path(std::string prefix)
{
    path_ = std::move(prefix);
    return *this;
}

step& step::target_contains(std::string text)
{
    target_.push_back(std::move(text));
    return *this;
}

step& step::header(std::string name, std::string value)
{
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
}

step& step::no_header(std::string name)
{
    absent_.push_back(std::move(name));
    return *this;
}

step& step::body_contains(std::string text)
{
    body_.push_back(std::move(text));
    return *this;
}

step& step::body_is(std::string text)
{
    exact_body_ = std::move(text);
    return *this;
}

step& step::when(std::function<bool(seen_request const&)> predicate)
{
    predicate_ = std::move(predicate);
    return *this;
}

step& step::any_order()
{
    any_order_ = true;
    return *this;
}

step& step::times(std::size_t count)
{
    left_ = count;
    return *this;
}

step& step::reply(int status, std::string body, http_headers headers)
{
    response_.status = status;
    response_.body = std::move(body);
    response_.headers = std::move(headers);
    return *this;
}

step& step::fail(failure why)
{
    failure_ = std::move(why);
    return *this;
}

step& step::hang()
{
    hang_ = true;
    return *this;
}

step& step::hang_connecting()
{
    connecting_ = true;
    return hang();
}

step& step::hold()
{
    hold_ = true;
    return *this;
}

http_response step::ok()
{
    http_response r;
    r.status = 200;
    return r;
}

bool step::matches(seen_request const& r) const
{
    auto const target = r.target.target();
    auto const in_target = [&](auto const& text) { return target.find(text) != target.npos; };
    auto const in_body = [&](auto const& text) { return r.body.find(text) != r.body.npos; };
    auto const has = [&](auto const& h)
    { return r.has_header(h.first) && r.header(h.first) == h.second; };
    auto const lacks = [&](auto const& name) { return !r.has_header(name); };
    return r.method == method_ && r.target.host() == host_ && target.rfind(path_, 0) == 0 &&
           std::all_of(target_.begin(), target_.end(), in_target) &&
           std::all_of(headers_.begin(), headers_.end(), has) &&
           std::all_of(absent_.begin(), absent_.end(), lacks) &&
           std::all_of(body_.begin(), body_.end(), in_body) &&
           (!exact_body_ || r.body == *exact_body_) && (!predicate_ || predicate_(r));
}

std::string step::describe() const
{
    auto line = std::string(to_string(method_)) + ' ' + host_ + path_.substr(0, path_.find('?'));
    if (!headers_.empty() || !absent_.empty() || !body_.empty() || !target_.empty() ||
        exact_body_ || predicate_)
        line += " (with conditions)";
    return line;
}

step& scripted_transport::expect(http_method method, std::string host)
{
    return script_.emplace_back(method, std::move(host));
}

step* scripted_transport::take(seen_request const& request)
{
    bool passed_open_step = false;
    for (auto& s : script_)
    {
        if (s.left_ == 0)
            continue;
        if (passed_open_step && !s.any_order_)
            break;
        if (s.matches(request))
        {
            --s.left_;
            return &s;
        }
        if (!s.any_order_)
            break;
        passed_open_step = true;
    }
    return nullptr;
}

asio::awaitable<result<http_response>> scripted_transport::send(http_request request,
                                                                deadline until)
{
    auto const seen = see(request, until);
    calls_.push_back(seen);
    auto* const found = take(seen);
    if (found == nullptr)
    {
        unexpected_.push_back(describe(seen));
        co_return failure(errc::malformed_reply, request.where,
                          "the script expects no such request")
            .host(request.target.authority());
    }
    if (request.unsent != nullptr)
        *request.unsent = found->connecting_;
    if (found->hang_ || (found->hold_ && !released_))
    {
        count_guard const guard(waiting_);
        bool const released = co_await wait_at(*found, until);
        if (!released && found->connecting_)
            co_return no_answer(seen, stage::connect).outcome(outcome::failed);
        if (!released)
            co_return no_answer(seen, request.where);
    }
    if (found->failure_)
    {
        auto why = *found->failure_;
        if (why.host().empty())
            why.host(seen.target.authority());
        if (why.request_id().empty())
            why.request_id(seen.header("x-ms-client-request-id"));
        co_return why;
    }
    co_return found->response_;
}

asio::awaitable<result<bool>> scripted_transport::wait_for_gate()
{
    auto const executor = co_await asio::this_coro::executor;
    auto gate = gate_.lock();
    if (!gate)
    {
        gate = std::make_shared<async::event>(executor);
        gate_ = gate;
    }
    co_await gate->wait();
    co_return true;
}

asio::awaitable<bool> scripted_transport::wait_at(step const& where, deadline until)
{
    if (where.hang_)
    {
        co_await time_.wait_until(until.when());
        co_return false;
    }
    auto const released =
        co_await async::with_deadline(wait_for_gate(), until, late_for_gate(), time_);
    co_return released.has_value();
}

void scripted_transport::release()
{
    released_ = true;
    if (auto const gate = gate_.lock())
        gate->set();
}

std::string scripted_transport::problems() const
{
    std::string missing;
    for (auto const& s : script_)
    {
        if (s.left_ > 0)
            missing += "\n  " + s.describe() + " x" + std::to_string(s.left_);
    }
    std::string extra;
    for (auto const& line : unexpected_)
        extra += "\n  " + line;
    if (missing.empty() && extra.empty())
        return std::string();
    std::string all =
        "missing requests:" + missing + "\nunexpected requests:" + extra + "\nrequests in order:";
    for (auto const& call : calls_)
        all += "\n  " + describe(call);
    return all;
}

} // namespace kusto::test
