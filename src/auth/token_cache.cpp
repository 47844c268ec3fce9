#include <auth/token_provider.hpp>

#include <algorithm>
#include <async/call_on.hpp>
#include <async/single_flight.hpp>
#include <auth/amended.hpp>
#include <auth/noted_transport.hpp>
#include <auth/repeat.hpp>
#include <auth/sign_in.hpp>
#include <auth/sources.hpp>
#include <auth/token_times.hpp>
#include <base/logger.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <core/cache_state.hpp>
#include <mutex>
#include <optional>

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
        co_return bearer_token(base::secret(), 0);
    }
    void invalidate(std::uint64_t, std::string) noexcept override {}
    [[nodiscard]] std::string awaited() const override { return {}; }
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
    /// \param asked  whom `place` and `source` ask
    token_cache(asio::any_io_executor executor, std::unique_ptr<sign_in> place, source_ptr source,
                std::shared_ptr<peer_note> asked, source_context const& with, std::string name)
        : strand_(asio::make_strand(executor)),
          place_(std::move(place)),
          source_(std::move(source)),
          asked_(std::move(asked)),
          time_(*with.time),
          log_(with.log),
          name_(std::move(name)),
          flight_(strand_, stage::token),
          state_(pauses())
    {
    }

    asio::awaitable<result<bearer_token>> get(deadline until) override
    {
        return get(shared_from_this(), until);
    }

    void invalidate(std::uint64_t generation, std::string claims) noexcept override
    {
        std::lock_guard const lock(mutex_);
        if (generation != generation_)
            return;
        state_.invalidate();
        // A request that was under way as well may be refused without saying why.
        if (!claims.empty())
            claims_ = std::move(claims);
    }

    [[nodiscard]] std::string awaited() const override
    {
        {
            std::lock_guard const lock(mutex_);
            if (!refreshing_ || state_.usable(time_.now()))
                return {};
        }
        auto const host = asked_->read();
        return "a token from the " + name_ + (host.empty() ? "" : " (asked last: " + host + ')');
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
        explicit refresh_mark(token_cache& owner) : owner_(owner)
        {
            owner_.asked_->clear();
            std::lock_guard const lock(owner_.mutex_);
            owner_.refreshing_ = true;
        }
        refresh_mark(refresh_mark const&) = delete;
        refresh_mark& operator=(refresh_mark const&) = delete;
        ~refresh_mark()
        {
            std::lock_guard const lock(owner_.mutex_);
            owner_.refreshing_ = false;
            owner_.refresh_posted_ = false;
        }

    private:
        token_cache& owner_;
    };

    static core::cache_state::pauses pauses()
    {
        using std::chrono::minutes;
        using std::chrono::seconds;
        return core::cache_state::pauses(seconds(30), minutes(5), seconds(3), seconds(60));
    }

    static asio::awaitable<result<bearer_token>> get(shared self, deadline until)
    {
        auto ready = self->look(true);
        if (ready)
            co_return std::move(*ready);
        failure late(errc::timed_out, stage::token, "no token could be obtained in time");
        late.retryable(true);
        auto op = join(self);
        auto got = co_await async::call_on(self->strand_, std::move(op), until, late, self->time_);
        if (got || got.error().code() != late.code())
            co_return got;
        co_return late_for(got.error(), self->awaited());
    }

    /// What can be said without waiting.
    answer look(bool from_outside)
    {
        using advice = core::cache_state::advice;
        std::lock_guard const lock(mutex_);
        if (stopped_)
            return answer(stopped());
        if (renewable_ && may_have_slept())
            state_.doubt(time_.now());
        switch (state_.look(time_.now()))
        {
        case advice::fresh:
            return answer(*token_);
        case advice::refresh_in_background:
            if (from_outside && !refresh_posted_)
            {
                asio::post(strand_, [self = shared_from_this()] { self->start_refresh(); });
                refresh_posted_ = true; // only now: to post may throw
            }
            return answer(*token_);
        case advice::failed_until:
            return answer(*state_.last_failure());
        case advice::prefer_newer: // tokens have one limit only
        case advice::must_wait:
            break;
        }
        return std::nullopt;
    }

    /// While a machine is suspended its steady clock stands still, and its wall clock does not. A
    /// wall clock that is set forward looks the same, so this is a reason to renew the token and
    /// none to throw it away.
    [[nodiscard]] bool may_have_slept() const noexcept
    {
        constexpr auto least = std::chrono::minutes(1);
        return token_ && (time_.utc_now() - asked_utc_) - (time_.now() - asked_at_) > least;
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
        constexpr std::chrono::seconds longest_search(100);
        refresh_mark const mark(*self);
        deadline const found_until(self->time_.now() + longest_search);
        auto target = co_await self->place_->find(found_until);
        if (!target)
            co_return *self->remember(target.error(), std::nullopt);
        deadline const until(self->time_.now() + self->source_->longest());
        for (;;)
        {
            target->claims = self->wanted_claims();
            self->asked_->clear(); // who told the place is not who is waited for
            // To find the place may have taken a while.
            auto const begun = moment::of(self->time_);
            auto op = self->source_->acquire(*target, until);
            auto const got = co_await std::move(op);
            auto const kept = got ? self->keep(*got, begun, target->claims)
                                  : self->remember(got.error(), target->claims);
            if (kept)
                co_return *kept;
        }
    }

    [[nodiscard]] std::string wanted_claims()
    {
        std::lock_guard const lock(mutex_);
        return claims_;
    }

    /// From when on it is to be renewed, and not to be used.
    void plan(moment asked, issued_token const& got)
    {
        auto const never = core::cache_state::time_point::max();
        auto const times = plan_token(got.lifetime, got.refresh_in, random_fraction());
        renewable_ = got.renewable;
        if (renewable_)
            state_.renewed(asked.at + times.soft, asked.at + times.hard);
        else
            state_.renewed(never, never);
    }

    /// \param claims  that it was asked for with; null: it was not asked for
    answer remember(failure why, std::optional<std::string> const& claims)
    {
        log_.failed(log_level::warning, "no token could be obtained", why);
        std::lock_guard const lock(mutex_);
        // An endpoint that gave a token before is the right one, and passes on rubbish for now.
        if (why.code() == errc::malformed_reply && token_)
            why.retryable(true);
        // Demands that cannot be met must not stand in the way of a token for ever. The service
        // makes them again as long as it has them, and then this should not go round and round.
        if (!why.retryable() && !claims_.empty() && claims == claims_)
        {
            claims_.clear();
            constexpr std::chrono::milliseconds calm = std::chrono::seconds(60);
            why.retry_after((std::max)(why.retry_after().value_or(calm), calm));
        }
        state_.failed(time_.now(), why, random_fraction());
        return answer(std::move(why));
    }

    /// Nothing if the service refused the old token meanwhile, with demands of its own.
    answer keep(issued_token const& got, moment begun, std::string const& claims)
    {
        auto const life = std::chrono::duration_cast<std::chrono::milliseconds>(got.lifetime);
        log_(log_level::debug, stage::token, "token received",
             {log_field("lifetime_ms", std::int64_t(life.count()))});
        std::lock_guard const lock(mutex_);
        if (claims != claims_)
            return std::nullopt;
        token_.emplace(got.value, ++generation_);
        claims_.clear();
        auto const asked = got.asked.value_or(begun);
        asked_at_ = asked.at;
        asked_utc_ = asked.utc;
        plan(asked, got);
        return answer(*token_);
    }

    asio::any_io_executor strand_;
    std::unique_ptr<sign_in> place_; // this and the source are used in the flight only
    source_ptr source_;
    std::shared_ptr<peer_note> asked_;
    async::clock& time_;
    base::logger log_;
    std::string name_;                          // of the credential
    async::single_flight<bearer_token> flight_; // on the strand only
    mutable std::mutex mutex_;                  // for everything below
    core::cache_state state_;
    std::optional<bearer_token> token_;
    std::uint64_t generation_ = 0;
    std::string claims_; // what the service demanded when it refused the token
    core::cache_state::time_point asked_at_{};
    async::clock::utc_time_point asked_utc_{};
    bool renewable_ = true; // the token
    bool refresh_posted_ = false;
    bool refreshing_ = false;
    bool stopped_ = false;
};

} // namespace

std::shared_ptr<token_provider> make_token_provider(asio::any_io_executor executor,
                                                    std::shared_ptr<async::transport> transport,
                                                    connection_options const& who,
                                                    async::clock& clock)
{
    auto asked = std::make_shared<peer_note>();
    auto const noted = make_noted_transport(std::move(transport), asked);
    source_context const with(noted, who, clock);
    auto source = make_source(who.who(), with);
    if (!source)
        return std::make_shared<no_tokens>();
    auto place = std::make_unique<sign_in>(noted, who, clock);
    return std::make_shared<token_cache>(std::move(executor), std::move(place), std::move(source),
                                         std::move(asked), with, who.who().describe());
}

} // namespace kusto::auth
