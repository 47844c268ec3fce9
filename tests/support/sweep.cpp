#include <support/sweep.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace kusto::test
{

namespace asio = boost::asio;

namespace
{

constexpr std::size_t most_steps = 20'000;
constexpr std::size_t most_problems = 12;
// How long a thread may take for its part of a step before the clock moves on.
constexpr auto patience = std::chrono::milliseconds(5);
// And before a run that waits for threads or for the machine's own time is given up.
constexpr auto last_patience = std::chrono::seconds(10);

void note(ending& end, std::exception_ptr thrown)
{
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (error const& e)
    {
        end.failed = e.why();
    }
    catch (boost::system::system_error const& e)
    {
        end.aborted = e.code() == asio::error::operation_aborted;
        if (!end.aborted)
            end.odd = e.what();
    }
    catch (std::exception const& e)
    {
        end.odd = e.what();
    }
}

/// One run from the scenario's construction to the end of its world.
class course
{
public:
    course(sweep::factory const& make, plan const& what) : plan_(what), scenario_(make(world_)) {}

    void run();

    bool took_place = false;
    std::string problems;

private:
    using step_result = std::optional<failure>;

    void complain(std::string const& what) { problems += (problems.empty() ? "" : "; ") + what; }
    std::shared_ptr<ending> start(asio::awaitable<step_result> op);
    bool step();
    bool step_or_advance();
    void run_steps();
    void cancel();
    void run_to_end(ending const& of, char const* what);
    void settle(bool with_time);
    void conclude();
    void check_end();
    void check_nothing_left();
    void check_secrets(ending const& end);

    world world_;
    plan plan_;
    std::unique_ptr<scenario> scenario_;
    std::shared_ptr<asio::cancellation_signal> signal_ =
        std::make_shared<asio::cancellation_signal>();
    std::shared_ptr<ending> ending_;
    std::size_t steps_ = 0;
};

std::shared_ptr<ending> course::start(asio::awaitable<step_result> op)
{
    auto const end = std::make_shared<ending>();
    world_.watch("the operation", end);
    auto done = [end, signal = signal_](std::exception_ptr thrown, step_result failed)
    {
        ++end->completions;
        if (thrown)
            note(*end, thrown);
        else
            end->failed = std::move(failed);
    };
    asio::co_spawn(world_.executor(), std::move(op),
                   asio::bind_cancellation_slot(signal_->slot(), std::move(done)));
    return end;
}

bool course::step()
{
    auto& context = world_.context();
    context.restart();
    bool ran = context.poll_one() != 0;
    if (!ran && scenario_ && scenario_->has_threads())
        ran = context.run_one_for(patience) != 0;
    steps_ += ran ? 1 : 0;
    return ran;
}

bool course::step_or_advance()
{
    if (step() || world_.time.advance_to_next())
        return true;
    if (!scenario_ || !scenario_->has_threads())
        return false;
    world_.context().restart();
    return world_.context().run_one_for(last_patience) != 0;
}

/// Up to the step at which the plan interferes.
void course::run_steps()
{
    if (!plan_.step)
    {
        while (steps_ < most_steps && step())
        {
        }
        return;
    }
    while (steps_ < *plan_.step && step_or_advance())
    {
    }
}

void course::cancel()
{
    took_place = ending_->completions == 0;
    asio::post(world_.context(),
               [signal = signal_, end = ending_]
               {
                   if (end->completions == 0)
                       signal->emit(asio::cancellation_type::terminal);
               });
    auto const begin = steps_;
    // Without help of the clock: a cancelled operation does not sit out its deadlines.
    while (ending_->completions == 0 && steps_ < begin + most_steps && step())
    {
    }
    if (ending_->completions == 0)
        complain("does not end when it is cancelled");
}

void course::run_to_end(ending const& of, char const* what)
{
    auto const begin = steps_;
    while (of.completions == 0 && steps_ < begin + most_steps && step_or_advance())
    {
    }
    if (of.completions == 0)
        complain(std::string(what) + (steps_ < begin + most_steps ? " hangs" : " never ends"));
}

void course::settle(bool with_time)
{
    auto const begin = steps_;
    while (steps_ < begin + most_steps && (step() || (with_time && world_.time.advance_to_next())))
    {
    }
    if (steps_ >= begin + most_steps)
        complain("never comes to rest");
}

/// What follows the operation, with a service that works.
void course::conclude()
{
    // A cancelled operation's background work is ended as it is; else it may come to its own end.
    bool const stuck = plan_.request && plan_.grief == mishap::stuck;
    if (plan_.what != disturbance::cancel)
        settle(!stuck);
    world_.service->forgive();
    signal_ = std::make_shared<asio::cancellation_signal>();
    auto const end = start(scenario_->conclusion());
    run_to_end(*end, "the conclusion");
    check_secrets(*end);
    bool const closed = plan_.what == disturbance::stop && end->failed &&
                        end->failed->code() == errc::closed;
    if (!end->good() && !closed)
        complain("the conclusion failed: " + (end->failed ? end->failed->describe() : end->odd));
}

void course::run()
{
    if (plan_.request)
        world_.service->plan(world_.service->requests() + *plan_.request, plan_.grief,
                             plan_.lasting);
    ending_ = start(scenario_->operation());
    if (plan_.what == disturbance::destroy)
    {
        run_steps();
        took_place = plan_.step ? steps_ == *plan_.step : ending_->completions == 0;
        check_nothing_left();
        return;
    }
    if (plan_.what == disturbance::cancel || plan_.what == disturbance::stop)
        run_steps();
    if (plan_.what == disturbance::stop)
    {
        took_place = ending_->completions == 0;
        scenario_->stop();
    }
    if (plan_.what == disturbance::cancel)
        cancel();
    else
        run_to_end(*ending_, "the operation");
    if (plan_.what == disturbance::fail)
        took_place = world_.service->struck().has_value();
    if (ending_->completions != 0)
        conclude();
    check_end();
    check_nothing_left();
}

void course::check_secrets(ending const& end)
{
    auto const leaks = [this](std::string const& text)
    { return world_.service->identity().is_told_in(text); };
    if (end.failed && (leaks(end.failed->describe()) || leaks(error(*end.failed).what())))
        complain("a failure tells a secret: " + end.failed->describe());
    if (leaks(end.odd))
        complain("an exception tells a secret: " + end.odd);
}

void course::check_end()
{
    auto const& end = *ending_;
    if (end.completions > 1)
        complain("completed " + std::to_string(end.completions) + " times");
    check_secrets(end);
    if (!end.odd.empty())
        complain("threw: " + end.odd);
    if (end.aborted && plan_.what != disturbance::cancel)
        complain("says that it was cancelled, and was not");
    auto const said = end.failed ? end.failed->describe() : std::string("aborted");
    if (plan_.what == disturbance::none && !end.good())
        complain("failed without a reason: " + said);
    auto const struck = world_.service->struck();
    if (plan_.what == disturbance::fail && !plan_.lasting && struck && end.completions != 0 &&
        !end.good() && scenario_->survives(*struck, plan_.grief))
        complain(std::string("failed after a ") + to_string(*struck) +
                 " that could be repeated: " + said);
    if (plan_.what == disturbance::fail && end.failed &&
        (end.failed->code() == errc::cancelled ||
         (end.failed->host().empty() && scenario_->names_host())))
        complain("does not say which host failed: " + said);
    auto const wrong = end.completions == 0 ? std::string() : scenario_->check(end, plan_);
    if (!wrong.empty())
        complain(wrong);
}

/// Ends everything and looks for what stays.
void course::check_nothing_left()
{
    auto const remains = scenario_->check_remains();
    bool const destroyed = plan_.what == disturbance::destroy;
    ending_.reset();
    if (!destroyed)
    {
        auto const last = world_.time.now() + scenario_->grace();
        scenario_->stop();
        settle(false);
        while (world_.time.next() && *world_.time.next() <= last)
        {
            (void)world_.time.advance_to_next();
            settle(false);
        }
        scenario_.reset();
        settle(false);
        world_.context().restart();
        world_.context().poll();
        if (!world_.context().stopped())
            complain("a task is left");
    }
    scenario_.reset();
    if (destroyed)
        world_.end();
    if (world_.time.waits() != 0)
        complain("somebody still waits for the clock");
    if (world_.service->in_flight() != 0)
        complain("a request is left in the transport");
    if (auto const names = world_.leftovers(); !names.empty())
        complain("left over:" + names);
    if (auto const wrong = remains ? remains() : std::string(); !wrong.empty())
        complain(wrong);
    if (!world_.service->complaints().empty())
        complain("the service complains:" + world_.service->complaints());
}

} // namespace

bool sweep::run(plan const& what)
{
    ++runs_;
    course one(make_, what);
    one.run();
    if (!one.problems.empty())
        problems_.push_back(name_ + ", " + what.describe() + ": " + one.problems);
    return one.took_place;
}

std::string sweep::undisturbed()
{
    run(plan());
    return finish();
}

std::string sweep::fail(std::vector<mishap> const& of)
{
    plan what;
    what.what = disturbance::fail;
    for (bool const lasting : {false, true})
    {
        for (auto const grief : of)
        {
            what.lasting = lasting;
            what.grief = grief;
            for (std::size_t i = 0;; ++i)
            {
                what.request = i;
                if (!run(what))
                    break;
            }
        }
    }
    return finish();
}

void sweep::by_steps(plan what, std::size_t skipped)
{
    for (std::size_t i = 0; i < most_steps; i += 1 + skipped)
    {
        what.step = i;
        if (!run(what))
            break;
    }
}

void sweep::by_requests_and_steps(disturbance what)
{
    plan one;
    one.what = what;
    by_steps(one, skipped_alone_);
    if (alone_)
        return;
    // As many requests as the undisturbed operation makes.
    plan probe;
    probe.what = disturbance::fail;
    for (std::size_t i = 0;; ++i)
    {
        probe.request = i;
        probe.grief = mishap::throttled;
        if (!run(probe))
            break;
        one.request = i;
        one.grief = mishap::throttled;
        by_steps(one, skipped_);
        one.grief = hanging_;
        one.step.reset();
        run(one);
    }
}

std::string sweep::cancel()
{
    by_requests_and_steps(disturbance::cancel);
    return finish();
}

std::string sweep::stop()
{
    by_requests_and_steps(disturbance::stop);
    return finish();
}

std::string sweep::destroy()
{
    by_requests_and_steps(disturbance::destroy);
    return finish();
}

std::string sweep::finish()
{
    std::string text;
    for (std::size_t i = 0; i < problems_.size() && i < most_problems; ++i)
        text += '\n' + problems_[i];
    if (problems_.size() > most_problems)
        text += "\nand " + std::to_string(problems_.size() - most_problems) + " more";
    problems_.clear();
    return text;
}

} // namespace kusto::test
