#include <auth/token_provider.hpp>

#include <async/call_on.hpp>
#include <async/single_flight.hpp>
#include <auth/repeat.hpp>
#include <auth/token_source.hpp>
#include <auth/token_times.hpp>
#include <base/logger.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <core/cache_state.hpp>
#include <mutex>
#include <optional>
#include <options/credential_data.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

/// For loopback clusters that ask for no token.
class no_tokens final : public token_provider
{
public:
    asio::awaitable<result<bearer_token>> get(deadline) override
    {
        co_return bearer_token(std::string(), 0);
    }
    void invalidate(std::uint64_t) noexcept override {}
    void stop() noexcept override {}
};

failure stopped()
{
    return failure(errc::closed, stage::token, "the client was closed");
}

/// One token for everybody. Waiters meet in one flight on a strand; whoever finds a usable token
/// takes it under a mutex that is held for a few instructions only.
class token_cache final : public token_provider, public std::enable_shared_from_this<token_cache>
{
public:
    token_cache(asio::any_io_executor executor, std::unique_ptr<token_source> source,
                async::clock& time, base::logger log)
        : strand_(asio::make_strand(executor)),
          source_(std::move(source)),
          time_(time),
          log_(std::move(log)),
          flight_(strand_, stage::token),
          state_(pauses())
    {
    }

    asio::awaitable<result<bearer_token>> get(deadline until) override
    {
        return get(shared_from_this(), until);
    }

    void invalidate(std::uint64_t generation) noexcept override
    {
        std::lock_guard const lock(mutex_);
        if (generation == generation_)
            state_.invalidate();
    }

    void stop() noexcept override
    {
        {
            std::lock_guard const lock(mutex_);
            if (std::exchange(stopped_, true))
                return;
        }
        try
        {
            asio::post(strand_, [self = shared_from_this()] { self->flight_.stop(); });
        }
        catch (std::exception const&)
        {
            // Without memory for a message the flight ends at its own deadline.
        }
    }

private:
    using shared = std::shared_ptr<token_cache>;
    using answer = std::optional<result<bearer_token>>;

    /// However a refresh ends, another one may follow.
    class refresh_mark
    {
    public:
        explicit refresh_mark(token_cache& owner) : owner_(owner) {}
        refresh_mark(refresh_mark const&) = delete;
        refresh_mark& operator=(refresh_mark const&) = delete;
        ~refresh_mark()
        {
            std::lock_guard const lock(owner_.mutex_);
            owner_.refresh_posted_ = false;
        }

    private:
        token_cache& owner_;
    };

    static core::cache_state::pauses pauses()
    {
        using std::chrono::minutes;
        using std::chrono::seconds;
        return core::cache_state::pauses(seconds(30), minutes(5), seconds(3));
    }

    static asio::awaitable<result<bearer_token>> get(shared self, deadline until)
    {
        auto ready = self->look(true);
        if (ready)
            co_return std::move(*ready);
        failure late(errc::timed_out, stage::token, "no token could be obtained in time");
        late.retryable(true);
        auto op = join(self);
        auto got = co_await async::call_on(self->strand_, std::move(op), until, std::move(late),
                                           self->time_);
        co_return got;
    }

    /// What can be said without waiting.
    answer look(bool from_outside)
    {
        using advice = core::cache_state::advice;
        std::lock_guard const lock(mutex_);
        if (stopped_)
            return answer(stopped());
        switch (state_.look(time_.now()))
        {
        case advice::fresh:
            return answer(*token_);
        case advice::refresh_in_background:
            if (from_outside && !std::exchange(refresh_posted_, true))
                asio::post(strand_, [self = shared_from_this()] { self->start_refresh(); });
            return answer(*token_);
        case advice::failed_until:
            return answer(*state_.last_failure());
        case advice::prefer_newer: // tokens have one limit only
        case advice::must_wait:
            break;
        }
        return std::nullopt;
    }

    void start_refresh()
    {
        auto const self = shared_from_this();
        flight_.start([self] { return refresh(self); });
    }

    /// On the strand.
    static asio::awaitable<result<bearer_token>> join(shared self)
    {
        auto ready = self->look(false);
        if (ready)
            co_return std::move(*ready);
        async::single_flight<bearer_token>::operation const op = [self] { return refresh(self); };
        auto got = co_await self->flight_.run(op);
        co_return got;
    }

    static asio::awaitable<result<bearer_token>> refresh(shared self)
    {
        constexpr std::chrono::seconds longest(100);
        refresh_mark const mark(*self);
        auto const asked_at = self->time_.now();
        auto const got = co_await self->source_->acquire(deadline(asked_at + longest));
        self->report(got);
        co_return self->store(asked_at, got);
    }

    void report(result<issued_token> const& got) const
    {
        if (!got)
            return log_.failed(log_level::warning, "no token could be obtained", got.error());
        auto const life = std::chrono::duration_cast<std::chrono::milliseconds>(got->lifetime);
        log_(log_level::debug, stage::token, "token renewed",
             {log_field("lifetime_ms", std::int64_t(life.count()))});
    }

    result<bearer_token> store(core::cache_state::time_point asked_at,
                               result<issued_token> const& got)
    {
        std::lock_guard const lock(mutex_);
        if (!got)
        {
            auto why = got.error();
            // An endpoint that gave a token before is the right one, and passes on rubbish for now.
            if (why.code() == errc::malformed_reply && token_)
                why.retryable(true);
            state_.failed(time_.now(), why, random_fraction());
            return why;
        }
        auto const times = plan_token(got->lifetime, got->refresh_in, random_fraction());
        token_.emplace(got->value, ++generation_);
        state_.renewed(asked_at + times.soft, asked_at + times.hard);
        return *token_;
    }

    asio::any_io_executor strand_;
    std::unique_ptr<token_source> source_; // used in the flight only
    async::clock& time_;
    base::logger log_;
    async::single_flight<bearer_token> flight_; // on the strand only
    std::mutex mutex_;                          // for everything below
    core::cache_state state_;
    std::optional<bearer_token> token_;
    std::uint64_t generation_ = 0;
    bool refresh_posted_ = false;
    bool stopped_ = false;
};

} // namespace

std::shared_ptr<token_provider> make_token_provider(asio::any_io_executor executor,
                                                    std::shared_ptr<async::transport> transport,
                                                    connection_options const& who,
                                                    async::clock& clock)
{
    using detail::credential_kind;
    base::logger const log(who.least_log_level(), who.log_to());
    switch (who.who().data().kind)
    {
    case credential_kind::client_secret:
        return std::make_shared<token_cache>(
            std::move(executor), make_client_secret_source(std::move(transport), who, clock), clock,
            log);
    case credential_kind::callback:
        return std::make_shared<token_cache>(std::move(executor),
                                             make_callback_source(std::move(transport), who, clock),
                                             clock, log);
    case credential_kind::none:
        break;
    }
    return std::make_shared<no_tokens>();
}

} // namespace kusto::auth
