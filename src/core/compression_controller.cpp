#include <core/compression_controller.hpp>

#include <algorithm>
#include <utility>

namespace kusto::core
{

namespace
{

// Mean number of things that wait from which on it is not chance.
constexpr double backlog = 0.5;
// How much more must wait on one side than on the other.
constexpr double clearly_more = 2;
// Less is lost in the noise.
constexpr double gain = 1.03;
constexpr double smaller = 1.01;
// Of a window's bytes, to speak for the current codec.
constexpr double nearly_all = 0.9;
// A drop by a third opens a closed way.
constexpr double dropped = 2.0 / 3;
constexpr std::chrono::seconds first_pause(30);
constexpr std::chrono::minutes longest_pause(30);

double seconds(std::chrono::steady_clock::duration d) noexcept
{
    return std::chrono::duration<double>(d).count();
}

} // namespace

// Measured on log-like CSV, MB/s on one core and ratio: igzip 1 490, 3.2; zlib 1 139, 3.0; zlib 4 86,
// 3.6; zlib 5 65, 3.9; zlib 6 34, 4.0. igzip 3 has half the speed of igzip 1 for 2 %, zlib 7 half that
// of zlib 6 for 2 %.
std::vector<compression> compression_ladder(bool igzip)
{
    auto const fastest = igzip ? compression::igzip(1) : compression::zlib(1);
    return {fastest, compression::zlib(4), compression::zlib(5), compression::zlib(6)};
}

compression_controller::compression_controller(std::vector<compression> ladder, std::size_t start)
    : ladder_(std::move(ladder)),
      at_(start),
      up_(ladder_.size()),
      down_(ladder_.size()),
      crossed_(ladder_.size())
{
}

compression_controller::scarcity
compression_controller::scarce(compression_window const& window) noexcept
{
    auto const length = seconds(window.length);
    auto const blocks = seconds(window.blocks_waited) / length;
    auto const jobs = seconds(window.jobs_waited) / length;
    if (blocks > backlog && blocks > clearly_more * jobs)
        return scarcity::network;
    if (jobs > backlog && jobs > clearly_more * blocks)
        return scarcity::processor;
    return scarcity::nothing;
}

void compression_controller::decide(compression_window const& window, time_point now)
{
    if (window.length <= duration::zero() || window.current_compressed_bytes == 0 ||
        double(window.current_raw_bytes) < nearly_all * double(window.raw_bytes))
        return;
    if (std::exchange(settling_, false))
        return;
    auto const what = scarce(window);
    auto const speed = speed_of(window);
    if (trial_)
        conclude(judge(what, speed), now);
    else
        consider(what, speed, now);
}

// After a step the compressed bytes that wait become fewer or more for a while, so that either side
// alone does not say what will last.
compression_controller::speed
compression_controller::speed_of(compression_window const& window) noexcept
{
    auto const length = seconds(window.length);
    speed out{};
    out.ratio = double(window.current_raw_bytes) / double(window.current_compressed_bytes);
    out.compressed = double(window.raw_bytes) / length;
    out.lasting = (std::min)(out.compressed, double(window.sent_bytes) / length * out.ratio);
    return out;
}

compression_controller::verdict compression_controller::judge(scarcity what,
                                                              speed now) const noexcept
{
    auto const& before = trial_->before;
    auto better = now.lasting > gain * before.lasting;
    // What the network carries more is known better by the ratio than by the clock.
    if (trial_->where == direction::up && what == scarcity::network)
        better = now.ratio > smaller * before.ratio && gain * now.compressed > before.lasting;
    return better ? verdict::better : verdict::worse;
}

void compression_controller::consider(scarcity what, speed at, time_point now)
{
    if (what == scarcity::nothing)
        return;
    auto const where = what == scarcity::network ? direction::up : direction::down;
    bool const at_the_end = where == direction::up ? at_ + 1 == ladder_.size() : at_ == 0;
    if (at_the_end || !open(way_from(at_, where), at.lasting, now))
        return;
    trial_ = trial{where, at};
    go(where);
}

void compression_controller::conclude(verdict what, time_point now)
{
    auto const done = *std::exchange(trial_, std::nullopt);
    bool const up = done.where == direction::up;
    auto const from = up ? at_ - 1 : at_ + 1;
    auto const back = up ? direction::down : direction::up;
    if (what == verdict::worse)
    {
        close(way_from(from, done.where), done.before.lasting, now);
        go(back);
        return;
    }
    auto& crossed = crossed_[(std::min)(from, at_)];
    // This takes back what was right before: it may soon be right again, but not again and again.
    if (crossed && *crossed == back)
        close(way_from(at_, back), 0, now);
    crossed = done.where;
}

compression_controller::way& compression_controller::way_from(std::size_t step,
                                                              direction where) noexcept
{
    return where == direction::up ? up_[step] : down_[step];
}

bool compression_controller::open(way const& one, double throughput, time_point now) const noexcept
{
    return now >= one.closed_until || throughput < dropped * one.throughput;
}

void compression_controller::close(way& one, double throughput, time_point now) noexcept
{
    bool const long_ago =
        one.pause == duration::zero() || now > one.closed_until + 2 * longest_pause;
    one.pause = long_ago ? duration(first_pause)
                         : (std::min)(2 * one.pause, duration(longest_pause));
    one.closed_until = now + one.pause;
    one.throughput = throughput;
}

void compression_controller::go(direction where) noexcept
{
    at_ = where == direction::up ? at_ + 1 : at_ - 1;
    ++switches_;
    settling_ = true;
}

} // namespace kusto::core
