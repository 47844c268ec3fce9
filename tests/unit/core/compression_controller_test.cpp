#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <core/compression_controller.hpp>
#include <deque>
#include <functional>
#include <random>

using namespace kusto;
using namespace kusto::core;
using namespace std::chrono_literals;

namespace
{

using controller = compression_controller;
using time_point = controller::time_point;

constexpr std::uint64_t seed = 11;

controller make_controller(std::size_t start = 0)
{
    return controller(compression_ladder(true), start);
}

enum class waits
{
    nothing,
    blocks,
    jobs,
    both,
};

/// A window of two seconds.
compression_window window(waits what, double throughput, double ratio)
{
    compression_window out;
    out.length = 2s;
    if (what == waits::blocks || what == waits::both)
        out.blocks_waited = 6s;
    if (what == waits::jobs || what == waits::both)
        out.jobs_waited = 6s;
    out.raw_bytes = static_cast<std::uint64_t>(throughput * 2);
    out.current_raw_bytes = out.raw_bytes;
    out.current_compressed_bytes = static_cast<std::uint64_t>(throughput * 2 / ratio);
    out.sent_bytes = out.current_compressed_bytes;
    return out;
}

/// Tells a controller windows one after the other.
class story
{
public:
    explicit story(std::size_t start = 0) : control(make_controller(start)) {}

    /// \returns where it stands afterwards
    compression tell(compression_window const& one)
    {
        now += one.length;
        control.decide(one, now);
        return control.how();
    }
    compression tell(waits what, double throughput, double ratio)
    {
        return tell(window(what, throughput, ratio));
    }

    controller control;
    time_point now{};
};

std::vector<compression> const ladder = compression_ladder(true);

} // namespace

BOOST_AUTO_TEST_SUITE(compression_choice)

BOOST_AUTO_TEST_CASE(the_ladder_begins_with_the_fastest)
{
    BOOST_TEST((compression_ladder(true).front() == compression::igzip(1)));
    BOOST_TEST((compression_ladder(false).front() == compression::zlib(1)));
    // Which makes some data larger.
    for (auto const& one : compression_ladder(true))
        BOOST_TEST((one != compression::igzip(0)));
    for (auto const& one : compression_ladder(false))
        BOOST_TEST((one.codec() == compression_codec::zlib));
    for (bool const igzip : {true, false})
        BOOST_TEST((compression_ladder(igzip).back() == compression::zlib(6)));
}

BOOST_AUTO_TEST_CASE(stays_where_nothing_waits_or_both_do)
{
    for (auto const what : {waits::nothing, waits::both})
    {
        story one(1);
        for (int i = 0; i < 20; ++i)
            BOOST_TEST((one.tell(what, 100, 3) == ladder[1]));
        BOOST_TEST(one.control.switches() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(stays_at_the_ends)
{
    story fastest(0);
    story smallest(ladder.size() - 1);
    for (int i = 0; i < 10; ++i)
    {
        BOOST_TEST((fastest.tell(waits::jobs, 100, 3) == ladder.front()));
        BOOST_TEST((smallest.tell(waits::blocks, 100, 3) == ladder.back()));
    }
}

BOOST_AUTO_TEST_CASE(goes_up_while_blocks_wait_and_the_result_gets_smaller)
{
    story one;
    double ratio = 3;
    for (std::size_t step = 1; step < ladder.size(); ++step)
    {
        BOOST_TEST((one.tell(waits::blocks, 100, ratio) == ladder[step]));
        ratio *= 1.1;
        BOOST_TEST((one.tell(waits::blocks, 100, ratio) == ladder[step])); // settles
        BOOST_TEST((one.tell(waits::blocks, 100, ratio) == ladder[step])); // judged
    }
    BOOST_TEST(one.control.switches() == ladder.size() - 1);
}

BOOST_AUTO_TEST_CASE(goes_down_while_jobs_wait_and_it_gets_faster)
{
    story one(3);
    double speed = 100;
    for (std::size_t step = 3; step-- > 0;)
    {
        BOOST_TEST((one.tell(waits::jobs, speed, 3) == ladder[step]));
        speed *= 1.5;
        one.tell(waits::jobs, speed, 3);
        BOOST_TEST((one.tell(waits::jobs, speed, 3) == ladder[step]));
    }
}

BOOST_AUTO_TEST_CASE(a_step_up_that_does_not_help_is_taken_back)
{
    struct
    {
        waits after;
        double throughput, ratio;
    } const cases[] = {
        {waits::blocks, 100, 3.0},  // cannot be compressed any better
        {waits::jobs, 60, 3.5},     // now the processor is too slow
        {waits::jobs, 102, 3.5},    // no gain
        {waits::nothing, 101, 3.5}, // no gain
    };
    for (auto const& [after, throughput, ratio] : cases)
    {
        story one;
        BOOST_TEST((one.tell(waits::blocks, 100, 3) == ladder[1]));
        one.tell(after, throughput, ratio);
        BOOST_TEST((one.tell(after, throughput, ratio) == ladder[0]));
        BOOST_TEST(one.control.switches() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_step_that_makes_it_faster_is_kept_whatever_waits_then)
{
    for (auto const after : {waits::nothing, waits::blocks, waits::jobs, waits::both})
    {
        story up;
        up.tell(waits::blocks, 100, 3);
        up.tell(after, 110, 3.5);
        BOOST_TEST((up.tell(after, 110, 3.5) == ladder[1]));
        story down(2);
        down.tell(waits::jobs, 100, 3);
        down.tell(after, 110, 2.9);
        BOOST_TEST((down.tell(after, 110, 2.9) == ladder[1]));
    }
}

BOOST_AUTO_TEST_CASE(a_step_that_did_not_help_is_tried_after_longer_and_longer_times)
{
    story one;
    std::vector<time_point> tried;
    std::uint64_t switches = 0;
    while (one.now < time_point() + 4h)
    {
        bool const up = one.control.how() == ladder[1];
        one.tell(up ? window(waits::jobs, 60, 3.5) : window(waits::blocks, 100, 3));
        if (one.control.switches() != switches && one.control.how() == ladder[1])
            tried.push_back(one.now);
        switches = one.control.switches();
    }
    BOOST_REQUIRE(tried.size() >= 5u);
    for (std::size_t i = 2; i < tried.size(); ++i)
    {
        auto const pause = tried[i] - tried[i - 1];
        BOOST_TEST((pause >= tried[i - 1] - tried[i - 2]));
        BOOST_TEST((pause < 31min));
    }
    BOOST_TEST(tried.size() < 15u);
}

BOOST_AUTO_TEST_CASE(a_drop_of_throughput_opens_the_way)
{
    story one;
    one.tell(waits::blocks, 100, 3);
    one.tell(waits::jobs, 60, 3.5);
    BOOST_TEST((one.tell(waits::jobs, 60, 3.5) == ladder[0]));
    one.tell(waits::blocks, 100, 3);
    BOOST_TEST((one.tell(waits::blocks, 90, 3) == ladder[0]));
    BOOST_TEST((one.tell(waits::blocks, 40, 3) == ladder[1]));
}

BOOST_AUTO_TEST_CASE(windows_of_other_codecs_or_of_nothing_decide_nothing)
{
    story one;
    auto mixed = window(waits::blocks, 100, 3);
    mixed.current_raw_bytes /= 2;
    BOOST_TEST((one.tell(mixed) == ladder[0]));
    BOOST_TEST((one.tell(compression_window()) == ladder[0]));
    BOOST_TEST((one.tell(waits::blocks, 0, 3) == ladder[0]));
    BOOST_TEST((one.tell(waits::blocks, 100, 3) == ladder[1]));
    // Neither is a trial judged by them.
    for (int i = 0; i < 5; ++i)
        BOOST_TEST((one.tell(mixed) == ladder[1]));
    one.tell(waits::blocks, 100, 3);
    BOOST_TEST((one.tell(waits::blocks, 100, 3) == ladder[0]));
}

BOOST_AUTO_TEST_SUITE_END()

namespace
{

constexpr double megabyte = 1e6;

/// A producer, a budget, a compressor and a link: a queue of raw bytes and one of compressed ones.
class pipeline
{
public:
    explicit pipeline(std::size_t start) : control(make_controller(start)) {}

    double link = 100 * megabyte;     ///< compressed bytes a second
    double producer = 1e12;           ///< raw bytes a second
    double processor = 1;             ///< cores
    double noise = 0.05;              ///< standard deviation of each second's rates
    double ratio_of_step[4] = {3.2, 3.65, 3.86, 4.04};
    double speed_of_step[4] = {490 * megabyte, 86 * megabyte, 65 * megabyte, 34 * megabyte};

    std::size_t step() const
    {
        auto const all = compression_ladder(true);
        return std::size_t(std::find(all.begin(), all.end(), control.how()) - all.begin());
    }
    /// Raw bytes a second in the long run at a step.
    double throughput(std::size_t step) const
    {
        return std::min({producer, processor * speed_of_step[step], link * ratio_of_step[step]});
    }
    std::size_t best() const
    {
        std::size_t best = 0;
        for (std::size_t i = 1; i < 4; ++i)
            if (throughput(i) > throughput(best))
                best = i;
        return best;
    }

    void run(std::chrono::seconds how_long)
    {
        auto const end = now + how_long;
        while (now < end)
            tick();
    }

    controller control;
    time_point now{};
    double delivered = 0; ///< raw bytes

private:
    static constexpr double budget = 64 * megabyte;
    static constexpr double job = 4 * megabyte;
    static constexpr double block = 1 * megabyte;
    static constexpr auto tick_length = 20ms;
    static constexpr double tick_seconds = 0.02;

    double shaken(double rate)
    {
        return rate * (std::max)(0.2, 1 + noise * normal_(random_));
    }

    void tick()
    {
        now += tick_length;
        auto const taken = std::min(producer * tick_seconds, budget - raw_ - compressed_);
        raw_ += (std::max)(0.0, taken);
        auto const at = step();
        auto const done =
            std::min(raw_, shaken(processor * speed_of_step[at]) * tick_seconds);
        raw_ -= done;
        compressed_ += done / ratio_of_step[at];
        auto const sent = std::min(compressed_, shaken(link) * tick_seconds);
        compressed_ -= sent;
        delivered += done;
        note(done, done / ratio_of_step[at], sent);
    }

    void note(double raw, double compressed, double sent)
    {
        open_.length += tick_length;
        open_.blocks_waited += waited(compressed_ / block);
        open_.jobs_waited += waited(raw_ / job);
        open_.raw_bytes += std::uint64_t(raw);
        open_.current_raw_bytes += std::uint64_t(raw);
        open_.current_compressed_bytes += std::uint64_t(compressed);
        open_.sent_bytes += std::uint64_t(sent);
        if (open_.length < 2s)
            return;
        control.decide(open_, now);
        open_ = compression_window();
    }

    /// One is always at work.
    static std::chrono::steady_clock::duration waited(double things)
    {
        return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            tick_length * (std::max)(0.0, things - 1));
    }

    std::mt19937_64 random_{seed};
    std::normal_distribution<double> normal_;
    double raw_ = 0;
    double compressed_ = 0;
    compression_window open_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(compression_choice_in_a_loop)

BOOST_AUTO_TEST_CASE(comes_to_the_best_step_and_rests)
{
    for (double const link : {0.5, 2.0, 5.0, 8.0, 10.0, 14.0, 17.0, 20.0, 25.0, 40.0, 80.0, 200.0})
        for (double const cores : {1.0, 2.0, 8.0})
            for (std::size_t const start : {0u, 3u})
                BOOST_TEST_CONTEXT("link " << link << " MB/s, " << cores << " cores, from " << start)
                {
                    pipeline line(start);
                    line.link = link * megabyte;
                    line.processor = cores;
                    line.run(120s);
                    auto const best = line.throughput(line.best());
                    auto const before = line.delivered;
                    auto const switches = line.control.switches();
                    line.run(3600s);
                    BOOST_TEST((line.delivered - before) / 3600 > 0.93 * best);
                    BOOST_TEST(line.control.switches() - switches <= 26u);
                    line.run(7200s);
                    BOOST_TEST(line.control.switches() <= 50u);
                }
}

BOOST_AUTO_TEST_CASE(a_fast_link_gets_the_fastest_codec_and_a_slow_one_the_smallest_result)
{
    pipeline fast(3);
    fast.link = 500 * megabyte;
    fast.run(60s);
    BOOST_TEST(fast.step() == 0u);
    BOOST_TEST(fast.control.switches() == 3u);
    pipeline slow(0);
    slow.link = 1 * megabyte;
    slow.run(60s);
    BOOST_TEST(slow.step() == 3u);
    BOOST_TEST(slow.control.switches() == 3u);
}

BOOST_AUTO_TEST_CASE(a_slow_producer_changes_nothing)
{
    for (std::size_t start = 0; start < 4; ++start)
    {
        pipeline line(start);
        line.producer = 10 * megabyte;
        line.run(600s);
        BOOST_TEST(line.control.switches() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(follows_a_link_that_changes)
{
    pipeline line(0);
    std::uint64_t switches = 0;
    for (double const link : {300.0, 2.0, 300.0, 15.0, 1.0, 300.0})
        BOOST_TEST_CONTEXT("link " << link)
        {
            line.link = link * megabyte;
            line.run(300s);
            auto const before = line.delivered;
            line.run(300s);
            BOOST_TEST((line.delivered - before) / 300 > 0.85 * line.throughput(line.best()));
            BOOST_TEST(line.control.switches() - switches <= 14u);
            switches = line.control.switches();
        }
}

BOOST_AUTO_TEST_CASE(rests_at_the_border_between_two_steps)
{
    // One step makes the processor scarce, the other one the network, and both carry the same.
    for (std::size_t step = 0; step < 3; ++step)
        BOOST_TEST_CONTEXT("between " << step << " and " << step + 1)
        {
            pipeline line(step);
            line.link = line.speed_of_step[step + 1] / line.ratio_of_step[step];
            line.run(4h);
            BOOST_TEST(line.control.switches() <= 60u);
            BOOST_TEST(line.delivered / (4 * 3600) > 0.93 * line.throughput(line.best()));
        }
}

BOOST_AUTO_TEST_CASE(rests_with_much_noise)
{
    for (double const link : {5.0, 15.0, 40.0})
    {
        pipeline line(0);
        line.noise = 0.5;
        line.link = link * megabyte;
        line.run(4h);
        BOOST_TEST_MESSAGE("link " << link << ": " << line.control.switches() << " switches");
        BOOST_TEST(line.control.switches() <= 60u);
        BOOST_TEST(line.delivered / (4 * 3600) > 0.9 * line.throughput(line.best()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
