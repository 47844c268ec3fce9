#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <support/happy_service.hpp>
#include <support/manual_clock.hpp>
#include <utility>
#include <vector>

namespace kusto::test
{

/// What one run of a scenario takes place in: a clock, a service and a single-threaded context of
/// its own. The context goes first, as a program's would.
class world
{
public:
    world();
    world(world const&) = delete;
    world& operator=(world const&) = delete;
    ~world();

    manual_clock time;
    std::shared_ptr<happy_service> service = std::make_shared<happy_service>(time);

    [[nodiscard]] boost::asio::io_context& context() noexcept { return *context_; }
    [[nodiscard]] boost::asio::any_io_executor executor() { return context_->get_executor(); }
    [[nodiscard]] deadline in(std::chrono::seconds delay) const
    {
        return deadline(time.now() + delay);
    }
    /// Of the happy service's cluster, with a client secret.
    [[nodiscard]] static connection_options options();

    /// At the end of the run nobody must hold `object` any more.
    void watch(std::string name, std::shared_ptr<void const> const& object);
    /// Names of the watched objects that still exist.
    [[nodiscard]] std::string leftovers() const;
    /// Destroys the context, and with it every coroutine.
    void end() { context_.reset(); }

private:
    std::unique_ptr<boost::asio::io_context> context_;
    std::vector<std::pair<std::string, std::weak_ptr<void const>>> watched_;
};

/// What a run does to the operation.
enum class disturbance
{
    none,
    fail,    ///< a request comes to grief
    cancel,  ///< its cancellation slot gets `terminal`
    stop,    ///< what it works with is stopped
    destroy, ///< its context is destroyed
};

/// One run: what is done, and when.
class plan
{
public:
    disturbance what = disturbance::none;
    /// Handlers executed before `cancel`, `stop` or `destroy`; none: when nothing is ready any more.
    std::optional<std::size_t> step;
    /// A request that comes to grief, counted from the operation's first one.
    std::optional<std::size_t> request;
    mishap grief = mishap::not_sent;
    bool lasting = false; ///< and so do all later ones

    [[nodiscard]] std::string describe() const;
};

/// How an operation ended.
class ending
{
public:
    int completions = 0;
    bool aborted = false;          ///< threw `operation_aborted`
    std::optional<failure> failed; ///< returned it, or threw it as `error`
    std::string odd;               ///< what else it threw

    [[nodiscard]] bool good() const noexcept { return !aborted && !failed && odd.empty(); }
};

/// An operation in a world that was made for it. Set up by the constructor.
class scenario
{
public:
    scenario() = default;
    scenario(scenario const&) = delete;
    scenario& operator=(scenario const&) = delete;
    virtual ~scenario() = default;

    /// The operation; nothing means success. What it uses it owns, since its frame outlives the
    /// scenario when the context is destroyed.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<failure>> operation() = 0;
    /// Run after the operation, with a service that works, unless the context was destroyed.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<failure>> conclusion();
    /// Ends what works in the background: what a program calls before it drops its handles. The
    /// operation may be under way.
    virtual void stop() {}
    /// Facts that must be true at the end. \returns what is wrong; empty if nothing is
    [[nodiscard]] virtual std::string check(ending const&, plan const&) { return std::string(); }
    /// Facts that must be true when everything is gone.
    [[nodiscard]] virtual std::function<std::string()> check_remains() { return {}; }
    /// Whether the operation must succeed although one request of this kind came to grief.
    [[nodiscard]] virtual bool survives(request_kind what, mishap grief) const;
    /// Whether a failure after a mishap names the host that it happened with.
    [[nodiscard]] virtual bool names_host() const { return true; }
    /// How far the clock may move after `stop` until everything has ended. Default: not at all.
    [[nodiscard]] virtual std::chrono::seconds grace() const { return std::chrono::seconds(0); }
    /// Whether threads beside the context work for it: steps are then waited for.
    [[nodiscard]] virtual bool has_threads() const { return false; }
};

/// The sweeps over one scenario. Each returns what was wrong, one line for a run; empty if
/// nothing was.
class sweep
{
public:
    using factory = std::function<std::unique_ptr<scenario>(world&)>;

    sweep(std::string name, factory make) : name_(std::move(name)), make_(std::move(make)) {}

    /// The operation without a disturbance: it must succeed.
    [[nodiscard]] std::string undisturbed();
    /// Each mishap at every request, once and from then on.
    [[nodiscard]] std::string fail(std::vector<mishap> const& of = all_mishaps);
    /// Cancels after each number of handlers, alone and after each request was throttled; and when
    /// a request got stuck.
    [[nodiscard]] std::string cancel();
    /// Stops the scenario after each number of handlers, alone and after each request was throttled;
    /// and when a request hangs.
    [[nodiscard]] std::string stop();
    /// Destroys the context after each number of handlers, alone and after each request was
    /// throttled; and when a request hangs.
    [[nodiscard]] std::string destroy();

    /// One run. \returns whether the disturbance took place
    bool run(plan const& what);

    /// Runs so far.
    [[nodiscard]] std::size_t runs() const noexcept { return runs_; }
    /// For scenarios with many steps: how many `cancel`, `stop` and `destroy` skip between two runs, with a
    /// throttled request and without. Default 0.
    sweep& stride(std::size_t with_request, std::size_t without = 0)
    {
        skipped_ = with_request;
        skipped_alone_ = without;
        return *this;
    }
    /// `cancel`, `stop` and `destroy` without requests that come to grief.
    sweep& alone() { alone_ = true; return *this; }
    /// `cancel`, `stop` and `destroy` leave requests `stuck`, not only `late`: for scenarios whose conclusion
    /// puts an end to them.
    sweep& with_stuck_requests() { hanging_ = mishap::stuck; return *this; }

private:
    [[nodiscard]] std::string finish();
    void by_steps(plan what, std::size_t skipped);
    void by_requests_and_steps(disturbance what);

    std::string name_;
    factory make_;
    std::vector<std::string> problems_;
    std::size_t runs_ = 0;
    std::size_t skipped_ = 0;
    std::size_t skipped_alone_ = 0;
    mishap hanging_ = mishap::late;
    bool alone_ = false;
};

/// \param arguments  of `Scenario`'s constructor, after the world
template <class Scenario, class... Arguments>
[[nodiscard]] sweep sweep_of(std::string name, Arguments... arguments)
{
    return sweep(std::move(name), [arguments...](world& where) -> std::unique_ptr<scenario>
                 { return std::make_unique<Scenario>(where, arguments...); });
}

} // namespace kusto::test
