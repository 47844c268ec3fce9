#include <sink/compression.hpp>

#include <algorithm>
#include <utility>

namespace kusto::sink
{

namespace
{

// Between two looks at the stop flag.
constexpr std::size_t slice = std::size_t(256) << 10;

} // namespace

class batch_compressor::stopwatch
{
public:
    explicit stopwatch(std::chrono::steady_clock::duration& total) : total_(total) {}
    stopwatch(stopwatch const&) = delete;
    stopwatch& operator=(stopwatch const&) = delete;
    ~stopwatch() { total_ += std::chrono::steady_clock::now() - start_; }

private:
    std::chrono::steady_clock::duration& total_;
    std::chrono::steady_clock::time_point const start_ = std::chrono::steady_clock::now();
};

compression_pool::compression_pool(std::size_t threads, std::size_t idle_bytes,
                                   std::size_t idle_codecs)
    : supplies_(std::make_shared<gzip::supplies>(idle_bytes, idle_codecs)),
      stopping_(std::make_shared<std::atomic<bool>>(false)),
      pool_(threads)
{
}

compression_pool::~compression_pool()
{
    stopping_->store(true);
    pool_.stop();
    pool_.join();
}

batch_compressor::batch_compressor(kusto::compression how, std::size_t block_size,
                                   std::shared_ptr<gzip::supplies> from, stop_flag stopping)
    : how_(how),
      block_size_(block_size),
      from_(std::move(from)),
      stopping_(std::move(stopping))
{
}

std::vector<gzip::block> batch_compressor::run(std::vector<chunk> pieces, bool last)
{
    stopwatch const timed(busy_);
    began_ = std::chrono::steady_clock::now();
    // Created by the first job, because many batches may wait for theirs.
    if (!compressor_)
        compressor_.emplace(how_, block_size_, from_);
    std::vector<gzip::block> out;
    for (auto& piece : pieces)
        add(piece.take(), out);
    if (!last)
        return out;
    auto const before = out.size();
    compressor_->finish(out);
    compressor_.reset();
    count(std::span<gzip::block const>(out).subspan(before));
    fit_share();
    return out;
}

void batch_compressor::add(chunk piece, std::vector<gzip::block>& out)
{
    auto const before = out.size();
    auto left = piece.bytes();
    while (!left.empty() && !stopping_->load(std::memory_order_relaxed))
    {
        auto const part = left.first((std::min)(slice, left.size()));
        compressor_->add(part, out);
        left = left.subspan(part.size());
    }
    share_.merge(piece.dissolve());
    count(std::span<gzip::block const>(out).subspan(before));
    fit_share();
}

void batch_compressor::count(std::span<gzip::block const> fresh) noexcept
{
    for (auto const& one : fresh)
    {
        produced_ += one.size();
        memory_ += one.capacity();
    }
}

void batch_compressor::fit_share() noexcept
{
    auto exists = produced_;
    auto wanted = memory_;
    if (compressor_)
    {
        exists += compressor_->buffered();
        wanted += (std::max)(compressor_->memory(),
                             compressor_->buffered() + compressor_->held_back());
    }
    share_.resize(std::clamp(wanted, exists, (std::max)(exists, share_.amount())));
}

} // namespace kusto::sink
