#include <sink/codec_choice.hpp>

#include <algorithm>

namespace kusto::sink
{

namespace
{

constexpr std::chrono::seconds shortest_window(2);
// Longer ones hold a pause of the producer.
constexpr std::chrono::minutes longest_window(15);
constexpr std::uint64_t least_jobs = 8;
constexpr std::uint64_t least_blocks = 8;

std::optional<core::compression_controller> controller_for(compression how)
{
    if (how.codec() != compression_codec::automatic)
        return std::nullopt;
    auto ladder = core::compression_ladder(compression::igzip_available());
    auto const standard = std::find(ladder.begin(), ladder.end(), compression::standard());
    auto const start = static_cast<std::size_t>(standard - ladder.begin());
    return core::compression_controller(std::move(ladder), start);
}

} // namespace

codec_choice::codec_choice(compression how) : fixed_(how), controller_(controller_for(how)) {}

compression codec_choice::how() const
{
    if (!controller_)
        return fixed_;
    std::lock_guard const lock(mutex_);
    return controller_->how();
}

void codec_choice::note_job(compression how, compression_job const& job, clock::time_point now)
{
    if (!controller_)
        return;
    std::lock_guard const lock(mutex_);
    if (!begun_)
        begun_ = now;
    ++jobs_;
    window_.jobs_waited += job.waited;
    window_.raw_bytes += job.raw_bytes;
    if (how == controller_->how())
    {
        window_.current_raw_bytes += job.raw_bytes;
        window_.current_compressed_bytes += job.compressed_bytes;
    }
    end_window_if_due(now);
}

void codec_choice::note_sent(sent_blocks const& what)
{
    if (!controller_)
        return;
    std::lock_guard const lock(mutex_);
    blocks_ += what.count;
    window_.sent_bytes += what.bytes;
    window_.blocks_waited += what.waited;
}

void codec_choice::end_window_if_due(clock::time_point now)
{
    window_.length = now - *begun_;
    if (window_.length < shortest_window || jobs_ < least_jobs || blocks_ < least_blocks)
        return;
    if (window_.length < longest_window)
        controller_->decide(window_, now);
    window_ = core::compression_window();
    begun_ = now;
    jobs_ = 0;
    blocks_ = 0;
}

void codec_choice::note_batch(compression how, std::uint64_t raw_bytes,
                              std::uint64_t compressed_bytes)
{
    std::lock_guard const lock(mutex_);
    auto place = std::find_if(used_.begin(), used_.end(),
                              [&](codec_statistics const& one) { return one.codec == how; });
    if (place == used_.end())
    {
        place = used_.emplace(used_.end());
        place->codec = how;
    }
    ++place->batches;
    place->bytes += raw_bytes;
    place->compressed_bytes += compressed_bytes;
}

void codec_choice::add_to(sink_statistics& out) const
{
    std::lock_guard const lock(mutex_);
    out.codec = controller_ ? controller_->how() : fixed_;
    out.codec_switches = controller_ ? controller_->switches() : 0;
    out.codecs = used_;
}

} // namespace kusto::sink
