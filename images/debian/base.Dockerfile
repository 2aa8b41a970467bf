FROM scratch AS runtime
LABEL io.isolate.base="{{ label }}"
ADD rootfs.tar /
CMD ["bash"]
